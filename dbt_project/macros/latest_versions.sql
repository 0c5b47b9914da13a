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
        with held as not materialized (
            select
                rowid as place,
                entity,
                {{ id_column }} as record_id,
                version,
                run_id
            from {{ this }}
        ),

        unmatched as (
            select
                entity,
                record_id,
                version,
                held.place
            from {{ raw_table }} as raw_versions
            full join held using (entity, record_id, version, run_id)
            where raw_versions.rowid is null or held.place is null
        ),

        outdated as (
            select place
            from unmatched
            where place is not null
            union
            select held.place
            from held
            inner join unmatched using (entity, record_id)
            where unmatched.place is null and unmatched.version > held.version
        )

        delete from {{ this }}
        where rowid in (from outdated)
    {%- endif %}
{%- endmacro %}
