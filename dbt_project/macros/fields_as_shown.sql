{#-
    Fields of a record as its system shows them, as the text of a JSON object; what the record does
    not have is left out.
-#}
{% macro fields_as_shown(payload, fields) -%}
    '{' || concat_ws(
        ','
        {%- for field in fields if not field.startswith('-') %},
        '"{{ field }}":' || cast(json_extract({{ payload }}, '$."{{ field }}"') as varchar)
        {%- endfor %}
    ) || '}'
{%- endmacro %}

{#- The reviewed records of one object, as the text of a JSON list. -#}
{% macro reviewed_records(object) -%}
    '[' || coalesce(
        string_agg(reviewed_fields, ',' order by record_id) filter (where object = '{{ object }}'),
        ''
    ) || ']'
{%- endmacro %}
