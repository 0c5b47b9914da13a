{#- What of two records is compared. -#}
{% macro duplicate_comparisons() -%}
    {{ return(['name', 'street', 'area', 'phone', 'tax_id', 'mail']) }}
{%- endmacro %}
