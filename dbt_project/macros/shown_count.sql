{#- How many of these fields a raw payload shows; one that is shown and empty is null there. -#}
{% macro shown_count(fields) -%}
    len(list_intersect(json_keys(payload), {{ text_list(fields) }}))
{%- endmacro %}
