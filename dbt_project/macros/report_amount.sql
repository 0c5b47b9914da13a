{#- A report's cell as money: reports write text, and nothing where the amount is zero. -#}
{% macro report_amount(cell) -%}
    coalesce(cast(nullif({{ cell }}.value, '') as decimal(18, 2)), 0)
{%- endmacro %}
