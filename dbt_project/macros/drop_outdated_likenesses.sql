{#- Takes the pairs out that are none any more, and those of which a record says something else. -#}
{% macro drop_outdated_likenesses() -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        where rowid in (
            select held.rowid
            from {{ this }} as held
            left join {{ ref('int_duplicates__pairs') }} as pairs using (left_key, right_key)
            left join {{ ref('int_duplicates__traits') }} as lefts
                on held.left_key = lefts.record_key and held.left_hash = lefts.content_hash
            left join {{ ref('int_duplicates__traits') }} as rights
                on held.right_key = rights.record_key and held.right_hash = rights.content_hash
            where
                pairs.left_key is null
                or lefts.record_key is null
                or rights.record_key is null
        )
    {%- endif %}
{%- endmacro %}
