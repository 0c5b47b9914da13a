{#- When each record of several raw tables was last seen in a good state, deletions included. -#}
{% macro latest_states(source_name, tables) -%}
    {%- for table in tables %}
        select
            entity,
            '{{ table }}' as object,
            record_id,
            max(extracted_at) as extracted_at
        from {{ source(source_name, table) }}
        group by all
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
