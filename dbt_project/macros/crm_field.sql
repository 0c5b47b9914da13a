{#-
    The API name of a custom field of a CRM object. Where the policy names none, a name that no
    record can have, so that the field reads as null.
-#}
{% macro crm_field(object, field) -%}
    {{ var('crm_fields')[object][field] or '-' ~ field }}
{%- endmacro %}

{#- Which of the policy's fields a CRM record has, empty ones too. -#}
{% macro custom_fields_shown(payload, object, fields) -%}
    list_filter(
        [
            {%- for field in fields %}
                case
                    when json_exists({{ payload }}, '$."{{ crm_field(object, field) }}"')
                        then '{{ field }}'
                end{{ ',' if not loop.last }}
            {%- endfor %}
        ],
        lambda field: field is not null
    )
{%- endmacro %}
