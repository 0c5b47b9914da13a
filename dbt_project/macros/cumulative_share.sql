{#-
    The part of a total that one of several takes by its weight. Running weights are rounded, not
    single ones, so the parts add up to the total.
-#}
{% macro cumulative_share(total, weight_so_far, weight_before, whole_weight) -%}
    cast(round({{ total }} * {{ weight_so_far }} / {{ whole_weight }}, 2) as decimal(18, 2))
    - cast(round({{ total }} * {{ weight_before }} / {{ whole_weight }}, 2) as decimal(18, 2))
{%- endmacro %}
