{#- Before statements are added: those of dates that are no longer stated go. -#}
{% macro drop_other_dates(as_of_dates) -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        where rowid in (
            select held.rowid
            from {{ this }} as held
            anti join {{ as_of_dates }} using (entity, as_of_date)
        )
    {%- endif %}
{%- endmacro %}
