with open_amounts as (
    select * from {{ ref('ar_open_amounts') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
),

dated_open_amounts as (
    select
        open_amounts.*,
        as_of_dates.as_of_date
    from open_amounts
    inner join as_of_dates using (entity)
)

{{ open_items_at('dated_open_amounts', 'as_of_date') }}
order by entity, as_of_date, document_type, document_id
