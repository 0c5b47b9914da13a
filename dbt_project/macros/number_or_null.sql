{#- A number of the policy, as it was written; null where there is none. -#}
{% macro number_or_null(number) -%}
    {{ 'null' if number is none else "'" ~ number ~ "'" }}
{%- endmacro %}
