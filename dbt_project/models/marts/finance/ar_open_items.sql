{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ drop_reached() }}",
        "{{ drop_other_dates(ref('int_ledger__as_of_dates')) }}",
    ],
    post_hook="delete from {{ listed_documents() }}",
) }}

with open_amounts as not materialized (
    select * from {{ ref('ar_open_amounts') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
),

{% if keeps_unreached() %}
    held_dates as (
        select distinct
            entity,
            as_of_date
        from {{ this }}
    ),

    new_dates as (
        select as_of_dates.*
        from as_of_dates
        anti join held_dates using (entity, as_of_date)
    ),

    reached_open_amounts as (
        select * from {{ reached_part(ref('ar_open_amounts')) }}
    ),

    dated_open_amounts as (
        select
            open_amounts.*,
            new_dates.as_of_date
        from open_amounts
        inner join new_dates using (entity)
        union all
        select
            reached_open_amounts.*,
            held_dates.as_of_date
        from reached_open_amounts
        inner join held_dates using (entity)
    )
{% else %}
    dated_open_amounts as (
        select
            open_amounts.*,
            as_of_dates.as_of_date
        from open_amounts
        inner join as_of_dates using (entity)
    )
{% endif %}

{{ open_items_at('dated_open_amounts', 'as_of_date') }}
