with aged_receivables as (
    select * from {{ ref('stg_quickbooks__aged_receivables') }}
),

aged_receivable_details as (
    select * from {{ ref('stg_quickbooks__aged_receivable_details') }}
),

balance_sheets as (
    select * from {{ ref('stg_quickbooks__balance_sheets') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
),

reports as (
    select
        entity,
        report_date as as_of_date,
        'aged_receivables' as measure,
        false as is_foreign,
        max(extracted_at) as read_at
    from aged_receivables
    group by all
    union all by name
    select
        entity,
        report_date as as_of_date,
        'aged_receivables' as measure,
        true as is_foreign,
        max(extracted_at) as read_at
    from aged_receivable_details
    group by all
    union all by name
    select
        entity,
        report_date as as_of_date,
        'ar_control_account' as measure,
        false as is_foreign,
        max(extracted_at) as read_at
    from balance_sheets
    group by all
    union all by name
    select
        entities.entity,
        entities.extraction_date as as_of_date,
        'customer_balance' as measure,
        false as is_foreign,
        -- Not the moment of this run: nothing in a mart may move when nothing has changed.
        coalesce(max(customers.extracted_at), entities.first_extracted_at) as read_at
    from entities
    left join customers using (entity)
    group by entities.entity, entities.extraction_date, entities.first_extracted_at
)

select
    reports.entity,
    reports.as_of_date,
    reports.measure,
    reports.is_foreign,
    reports.read_at
from reports
inner join as_of_dates using (entity, as_of_date)
