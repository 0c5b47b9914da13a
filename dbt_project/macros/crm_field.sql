{#-
    The API name of a custom field of a CRM object. Where the policy names none, a name that no
    record can have, so that the field reads as null.
-#}
{% macro crm_field(object, field) -%}
    {{ var('crm_fields')[object][field] or '-' ~ field }}
{%- endmacro %}
