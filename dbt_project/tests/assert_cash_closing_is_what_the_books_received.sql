with moved as (
    select
        entity,
        txn_date,
        total_amount as amount,
        exchange_rate
    from {{ ref('stg_quickbooks__payments') }}
    union all
    select
        entity,
        txn_date,
        total_amount as amount,
        exchange_rate
    from {{ ref('stg_quickbooks__sales_receipts') }}
    union all
    select
        entity,
        txn_date,
        -total_amount as amount,
        exchange_rate
    from {{ ref('stg_quickbooks__refund_receipts') }}
    union all
    select
        entity,
        txn_date,
        greatest(least(coalesce(deposit_amount, 0), total_amount), 0) as amount,
        exchange_rate
    from {{ ref('stg_quickbooks__invoices') }}
    union all
    select
        lines.entity,
        lines.txn_date,
        lines.amount,
        lines.exchange_rate
    from {{ ref('stg_quickbooks__deposit_lines') }} as lines
    semi join {{ ref('int_ledger__receivable_accounts') }} using (entity, account_id)
    union all
    select
        lines.entity,
        lines.txn_date,
        if(lines.is_credit, lines.amount, -lines.amount) as amount,
        lines.exchange_rate
    from {{ ref('stg_quickbooks__purchase_lines') }} as lines
    semi join {{ ref('int_ledger__receivable_accounts') }} using (entity, account_id)
),

books as (
    select
        entity,
        cast(date_trunc('month', txn_date) as date) as month,
        sum({{ money_in_home('amount', 'coalesce(exchange_rate, 1)') }}) as amount_home
    from moved
    where txn_date <= {{ as_of_date() }}
    group by all
),

closings as (
    select
        entity,
        month,
        sum(amount_home) as amount_home
    from {{ ref('int_bridge__billings_to_cash') }}
    where category = 'closing'
    group by all
)

select
    entity,
    month,
    books.amount_home as expected,
    closings.amount_home as found
from books
full join closings using (entity, month)
where coalesce(books.amount_home, 0) <> coalesce(closings.amount_home, 0)
