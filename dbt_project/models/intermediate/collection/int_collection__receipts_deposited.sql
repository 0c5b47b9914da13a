with payments as (
    select * from {{ ref('stg_quickbooks__payments') }}
),

sales_receipts as (
    select * from {{ ref('stg_quickbooks__sales_receipts') }}
),

refund_receipts as (
    select * from {{ ref('stg_quickbooks__refund_receipts') }}
),

invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

accounts as (
    select * from {{ ref('stg_quickbooks__accounts') }}
),

deposit_links as (
    select * from {{ ref('stg_quickbooks__deposit_links') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

receipts as (
    select
        entity,
        'payment' as receipt_type,
        'Payment' as linked_transaction_type,
        payment_id as receipt_id,
        document_number,
        customer_id,
        deposit_account_id,
        currency,
        exchange_rate,
        total_amount as amount,
        txn_date
    from payments
    union all by name
    select
        entity,
        'sales_receipt' as receipt_type,
        'SalesReceipt' as linked_transaction_type,
        sales_receipt_id as receipt_id,
        document_number,
        customer_id,
        deposit_account_id,
        currency,
        exchange_rate,
        total_amount as amount,
        txn_date
    from sales_receipts
    union all by name
    select
        entity,
        'refund_receipt' as receipt_type,
        'RefundReceipt' as linked_transaction_type,
        refund_receipt_id as receipt_id,
        document_number,
        customer_id,
        deposit_account_id,
        currency,
        exchange_rate,
        -total_amount as amount,
        txn_date
    from refund_receipts
    union all by name
    select
        entity,
        'invoice_deposit' as receipt_type,
        'Invoice' as linked_transaction_type,
        invoice_id as receipt_id,
        document_number,
        customer_id,
        deposit_account_id,
        currency,
        exchange_rate,
        deposit_amount as amount,
        txn_date
    from invoices
    where total_amount <> 0
),

undeposited_accounts as (
    select
        entity,
        account_id as deposit_account_id
    from accounts
    where
        account_sub_type = 'UndepositedFunds'
        or account_sub_type is null and lower(account_name) = 'undeposited funds'
),

-- A receipt that names no account waits among the undeposited funds.
waiting_receipts as (
    select receipts.*
    from receipts
    left join undeposited_accounts using (entity, deposit_account_id)
    where
        receipts.amount <> 0
        and (
            receipts.deposit_account_id is null
            or undeposited_accounts.deposit_account_id is not null
        )
),

deposits as (
    select
        entity,
        linked_transaction_type,
        linked_transaction_id as receipt_id,
        min(txn_date) as deposited_date
    from deposit_links
    group by all
)

select
    waiting_receipts.entity,
    waiting_receipts.receipt_type,
    waiting_receipts.receipt_id,
    waiting_receipts.document_number,
    waiting_receipts.customer_id,
    customers.customer_name,
    coalesce(waiting_receipts.currency, customers.currency, entities.home_currency) as currency,
    coalesce(waiting_receipts.exchange_rate, 1) as exchange_rate,
    waiting_receipts.amount,
    waiting_receipts.txn_date as receipt_date,
    deposits.deposited_date
from waiting_receipts
inner join entities using (entity)
left join customers using (entity, customer_id)
left join deposits using (entity, linked_transaction_type, receipt_id)
