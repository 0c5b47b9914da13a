with payment_dates as (
    select * from {{ ref('int_forecast__payment_dates') }}
    where is_run_date
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
)

select
    payment_dates.entity,
    payment_dates.origin_date as as_of_date,
    payment_dates.document_type,
    payment_dates.document_id,
    payment_dates.document_number,
    payment_dates.customer_id,
    customers.customer_name,
    payment_dates.segment,
    payment_dates.txn_date,
    payment_dates.due_date,
    payment_dates.currency,
    payment_dates.open_amount,
    {{ money_in_home('payment_dates.open_amount', 'payment_dates.exchange_rate') }}
        as open_amount_home,
    payment_dates.expected_payment_date,
    payment_dates.earliest_payment_date,
    payment_dates.latest_payment_date,
    payment_dates.expected_amount,
    {{ money_in_home('payment_dates.expected_amount', 'payment_dates.exchange_rate') }}
        as expected_amount_home,
    format(
        '{} payments of this customer, {} of segment {}, {} of the company',
        payment_dates.customer_payment_count,
        payment_dates.segment_payment_count,
        payment_dates.segment,
        payment_dates.company_payment_count
    ) as basis,
    payment_dates.reason,
    payment_dates.customer_payment_count,
    payment_dates.segment_payment_count,
    payment_dates.company_payment_count
from payment_dates
left join customers using (entity, customer_id)
