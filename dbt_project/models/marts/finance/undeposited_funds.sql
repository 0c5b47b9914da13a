with receipts as (
    select * from {{ ref('int_collection__receipts_deposited') }}
)

select
    entity,
    receipt_type,
    receipt_id,
    document_number,
    customer_id,
    customer_name,
    receipt_date,
    currency,
    amount,
    {{ money_in_home('amount', 'exchange_rate') }} as amount_home,
    cast({{ as_of_date() }} - receipt_date as integer) as days_waiting,
    {{ as_of_date() }} as as_of_date
from receipts
where
    receipt_date <= {{ as_of_date() }}
    and coalesce(deposited_date > {{ as_of_date() }}, true)
