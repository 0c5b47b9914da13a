{#- What a customer that we made says in the first line of its notes. -#}
{% macro customer_marker_parts(notes) -%}
    regexp_extract(
        split_part(coalesce({{ notes }}, ''), chr(10), 1),
        '^q2c:([^:\s]+):customer:([^:\s]+):([^:\s]+):\d+\s*$',
        ['entity', 'crm_system', 'crm_account_id']
    )
{%- endmacro %}
