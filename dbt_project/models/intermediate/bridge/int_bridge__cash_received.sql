with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

sales_receipts as (
    select * from {{ ref('stg_quickbooks__sales_receipts') }}
),

refund_receipts as (
    select * from {{ ref('stg_quickbooks__refund_receipts') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

on_receivables as (
    select
        entity,
        document_type,
        document_id,
        customer_id,
        -- A deposit line below zero takes money from the bank, as a cheque does.
        if(document_type in ('payment', 'deposit') and total < 0, 'unapplied_cash', 'refunds')
            as category,
        currency,
        exchange_rate,
        -total as amount,
        txn_date
    from documents
    where document_type not in ('invoice', 'credit_memo', 'journal_entry')
),

on_invoices as (
    select
        entity,
        'invoice_deposit' as document_type,
        document_id,
        customer_id,
        'unapplied_cash' as category,
        currency,
        exchange_rate,
        deposit_amount as amount,
        txn_date
    from documents
    where deposit_amount > 0
),

beside_receivables as (
    select
        entity,
        'sales_receipt' as document_type,
        sales_receipt_id as document_id,
        customer_id,
        'cash_sales' as category,
        currency,
        exchange_rate,
        total_amount as amount,
        txn_date
    from sales_receipts
    union all by name
    select
        entity,
        'refund_receipt' as document_type,
        refund_receipt_id as document_id,
        customer_id,
        'refunds' as category,
        currency,
        exchange_rate,
        -total_amount as amount,
        txn_date
    from refund_receipts
),

in_a_currency as (
    select
        beside_receivables.* replace (
            coalesce(
                beside_receivables.currency, customers.currency, entities.home_currency
            ) as currency,
            coalesce(beside_receivables.exchange_rate, 1) as exchange_rate
        )
    from beside_receivables
    inner join entities using (entity)
    left join customers using (entity, customer_id)
),

unioned as (
    select * from on_receivables
    union all by name
    select * from on_invoices
    union all by name
    select * from in_a_currency
)

select
    entity,
    cast(date_trunc('month', txn_date) as date) as month,
    document_type,
    document_id,
    customer_id,
    category,
    currency,
    exchange_rate,
    amount,
    {{ money_in_home('amount', 'exchange_rate') }} as amount_home,
    txn_date
from unioned
where amount <> 0 and txn_date <= {{ as_of_date() }}
