{{ config(materialized='view') }}

with payments as (
    select * from {{ ref('stg_quickbooks__payments') }}
)

select
    entity,
    'payment' as document_type,
    payment_id as document_id,
    'payment' as transaction_type,
    payment_id as transaction_id,
    cast(null as varchar) as line_id,
    document_number,
    customer_id,
    customer_name,
    currency,
    exchange_rate,
    -total_amount as total,
    cast(0 as decimal(18, 2)) as deposit_amount,
    txn_date,
    txn_date as due_date,
    list_transform(
        flatten(list_transform(lines, lambda line: line.linkedtxn)), lambda link: link.txnid
    ) as linked_transaction_ids,
    hash(version, run_id) as version_key
from payments
