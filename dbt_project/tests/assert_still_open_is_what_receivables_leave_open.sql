with invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice'
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
),

at_the_end as (
    select
        invoices.entity,
        cast(date_trunc('month', invoices.txn_date) as date) as month,
        sum({{ money_in_home('open_amounts.open_amount', 'invoices.exchange_rate') }})
            as amount_home
    from invoices
    inner join open_amounts using (entity, document_type, document_id)
    where
        invoices.txn_date <= {{ as_of_date() }}
        and least(last_day(invoices.txn_date), {{ as_of_date() }})
        between open_amounts.holds_from_date and open_amounts.holds_until_date - 1
    group by all
),

still_open as (
    select
        entity,
        month,
        -sum(amount_home) as amount_home
    from {{ ref('int_bridge__billings_to_cash') }}
    where category = 'still_open'
    group by all
)

select
    entity,
    month,
    at_the_end.amount_home as expected,
    still_open.amount_home as found
from at_the_end
full join still_open using (entity, month)
where coalesce(at_the_end.amount_home, 0) <> coalesce(still_open.amount_home, 0)
