{#-
    The text of a JSON object. Values are SQL expressions of JSON text; what is null is left out.
    Written by hand, because DuckDB's own functions turn decimals into doubles.
-#}
{% macro json_record(fields) -%}
    '{' || concat_ws(
        ','
        {%- for name, value in fields.items() %},
        '"{{ name }}":' || ({{ value }})
        {%- endfor %}
    ) || '}'
{%- endmacro %}

{#- A text as JSON. -#}
{% macro json_text(value) -%}
    cast(to_json(cast({{ value }} as varchar)) as varchar)
{%- endmacro %}

{#- A quantity or price as JSON: no zeros that say nothing. -#}
{% macro json_number(value) -%}
    regexp_replace(cast(cast({{ value }} as decimal(20, 8)) as varchar), '\.?0+$', '')
{%- endmacro %}

{#- How a QuickBooks record names another. -#}
{% macro json_reference(id) -%}
    '{"value":' || {{ json_text(id) }} || '}'
{%- endmacro %}
