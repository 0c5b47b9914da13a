{#-
    The fields of a CRM record that say something else than they should, as the text of a JSON
    object; '{}' if none does. A field that the policy does not name or the record does not have is
    left alone. `fields` gives for each of the policy's names the expression of the value and that
    of its JSON text; the record is a relation with the present values under these names.
-#}
{% macro differing_fields(object, record, fields) -%}
    '{' || concat_ws(
        ','
        {%- for field, (value, as_json) in fields.items() if var('crm_fields')[object][field] %},
        case
            when
                list_contains({{ record }}.custom_fields, '{{ field }}')
                and {{ value }} is distinct from {{ record }}.{{ field }}
                then '"{{ var("crm_fields")[object][field] }}":' || coalesce({{ as_json }}, 'null')
        end
        {%- endfor %}
    ) || '}'
{%- endmacro %}
