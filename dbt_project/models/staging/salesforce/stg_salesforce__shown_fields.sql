{%- set tables = [
    'accounts', 'opportunities', 'opportunity_line_item_schedules', 'users', 'process_instances',
] -%}
{#- The one staging model beside the record states over several tables: all are asked the same. -#}
with newest as (
    {% for table in tables %}
        select
            '{{ table }}' as object,
            entity,
            arg_max(record_id, (extracted_at, record_id)) as record_id,
            arg_max(version, (extracted_at, record_id)) as version
        from {{ source('raw_salesforce', table) }}
        where not is_deleted
        group by entity
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

-- Whatever was read last was asked for with the fields that are shown now.
{% for table in tables %}
    select
        newest.entity,
        newest.object,
        unnest(json_keys(raw_versions.payload)) as field_name
    from newest
    inner join {{ source('raw_salesforce', table) }} as raw_versions
        using (entity, record_id, version)
    where newest.object = '{{ table }}'
    {% if not loop.last %}union all{% endif %}
{% endfor %}
