{#-
    The newest version of every record of a raw table that is still there. The narrow side of the
    join finds the versions, so that payloads are read once and never sorted.
-#}
{% macro latest_versions(raw_table) -%}
    select
        raw_versions.entity,
        raw_versions.record_id,
        raw_versions.payload,
        raw_versions.extracted_at
    from {{ raw_table }} as raw_versions
    inner join (
        select
            entity,
            record_id,
            max(version) as version
        from {{ raw_table }}
        group by all
    ) as newest using (entity, record_id, version)
    where not raw_versions.is_deleted
{%- endmacro %}
