with receipts as (
    select * from {{ ref('int_collection__receipts_deposited') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
)

select
    receipts.entity,
    as_of_dates.as_of_date,
    receipts.receipt_type,
    receipts.receipt_id,
    receipts.document_number,
    receipts.customer_id,
    receipts.customer_name,
    receipts.receipt_date,
    receipts.currency,
    receipts.amount,
    {{ money_in_home('receipts.amount', 'receipts.exchange_rate') }} as amount_home,
    cast(as_of_dates.as_of_date - receipts.receipt_date as integer) as days_waiting
from receipts
inner join as_of_dates
    on
        receipts.entity = as_of_dates.entity
        and receipts.receipt_date <= as_of_dates.as_of_date
        and coalesce(receipts.deposited_date > as_of_dates.as_of_date, true)
order by
    receipts.entity, as_of_dates.as_of_date, receipts.receipt_date, receipts.receipt_type,
    receipts.receipt_id
