with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where open_amount <> 0
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

open_at_dates as (
    select
        open_amounts.entity,
        as_of_dates.as_of_date,
        open_amounts.document_type,
        open_amounts.document_id,
        open_amounts.open_amount,
        open_amounts.application_count
    from open_amounts
    inner join as_of_dates
        on
            open_amounts.entity = as_of_dates.entity
            and open_amounts.holds_from_date <= as_of_dates.as_of_date
            and open_amounts.holds_until_date > as_of_dates.as_of_date
),

aged as (
    select
        open_at_dates.*,
        documents.document_number,
        documents.customer_id,
        documents.txn_date,
        documents.due_date,
        documents.currency,
        documents.exchange_rate,
        documents.total,
        open_at_dates.as_of_date - documents.due_date as days_past_due
    from open_at_dates
    inner join documents using (entity, document_type, document_id)
)

select
    aged.entity,
    aged.as_of_date,
    aged.document_type,
    aged.document_id,
    aged.document_number,
    aged.customer_id,
    customers.customer_name,
    aged.txn_date,
    aged.due_date,
    aged.currency,
    aged.exchange_rate,
    aged.total,
    aged.open_amount,
    {{ money_in_home('aged.open_amount', 'aged.exchange_rate') }} as open_amount_home,
    cast(aged.days_past_due as integer) as days_past_due,
    {{ ageing_bucket('aged.days_past_due') }} as bucket,
    aged.application_count
from aged
left join customers using (entity, customer_id)
order by aged.entity, aged.as_of_date, aged.document_type, aged.document_id
