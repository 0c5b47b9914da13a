with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice' and txn_date <= {{ as_of_date() }}
),

contributions as (
    select * from {{ ref('int_bridge__bookings_to_billings') }}
    where category = 'closing'
),

invoiced as (
    select
        entity,
        cast(date_trunc('month', txn_date) as date) as month,
        sum({{ money_in_home('total', 'exchange_rate') }}) as invoiced_home
    from documents
    group by all
),

closings as (
    select
        entity,
        month,
        sum(amount_home) as closing_home
    from contributions
    group by all
)

select
    entity,
    month,
    coalesce(invoiced.invoiced_home, 0) as expected,
    coalesce(closings.closing_home, 0) as found
from invoiced
full join closings using (entity, month)
where coalesce(invoiced.invoiced_home, 0) <> coalesce(closings.closing_home, 0)
