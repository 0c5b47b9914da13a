{#-
    What of an amount falls on a stretch of it, between two fractions. Both ends are rounded, so
    that the parts of stretches that join add up to the amount.
-#}
{% macro part_of(amount, starts_at, ends_at) -%}
    (
        cast(round({{ amount }} * {{ ends_at }}, 2) as decimal(18, 2))
        - cast(round({{ amount }} * {{ starts_at }}, 2) as decimal(18, 2))
    )
{%- endmacro %}
