{#-
    The newest version of every record of a raw table that is still there. The narrow side of the
    join finds the versions, so that payloads are read once and never sorted.
    An incremental model names its id column and gets the records that it does not hold. The moment
    of reading only spares it the older parts of the table.
    `keeps_deleted` gives those that are gone too, with `is_deleted`.
-#}
{% macro latest_versions(raw_table, id_column=none, keeps_deleted=false) -%}
    {%- set keeps_records = id_column is not none and is_incremental() -%}
    select
        raw_versions.entity,
        raw_versions.record_id,
        raw_versions.version,
        raw_versions.payload,
        {% if keeps_deleted %}raw_versions.is_deleted,{% endif %}
        raw_versions.extracted_at,
        raw_versions.run_id
    from {{ raw_table }} as raw_versions
    inner join (
        select
            entity,
            record_id,
            {% if keeps_records %}arg_max(extracted_at, version) as extracted_at,{% endif %}
            max(version) as version
        from {{ raw_table }}
        {% if keeps_records -%}
            anti join (select entity, {{ id_column }} as record_id from {{ this }}) as held
                using (entity, record_id)
        {%- endif %}
        group by entity, record_id
    ) as newest using (entity, record_id, version{{ ', extracted_at' if keeps_records }})
    {% if not keeps_deleted %}where not raw_versions.is_deleted{% endif %}
{%- endmacro %}

{#-
    Takes the records out of an incremental model whose newest version is another than the one it
    holds; a deletion is a version too. A run tells versions of one number apart: after raw was
    restored from a backup, a number comes again. Nothing is remembered from build to build, so
    nothing that a failed build left behind can be wrong.
-#}
{% macro drop_outdated_versions(raw_table, id_column) -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        where rowid in (
            select held.rowid
            from {{ this }} as held
            anti join (
                select
                    entity,
                    record_id as {{ id_column }},
                    max(version) as version,
                    arg_max(run_id, version) as run_id
                from {{ raw_table }}
                group by entity, record_id
            ) as newest using (entity, {{ id_column }}, version, run_id)
        )
    {%- endif %}
{%- endmacro %}
