{#- The active entries of one of QuickBooks' lists, one of each name. -#}
{% macro active_by_name(entries, word) -%}
    select * from {{ entries }}
    where is_active is not false
    qualify row_number() over (
        partition by entity, lower({{ word }}_name) order by {{ document_order(word ~ '_id') }}
    ) = 1
{%- endmacro %}
