{{ config(materialized='view') }}

with credit_memos as (
    select * from {{ ref('stg_quickbooks__credit_memos') }}
)

select
    entity,
    'credit_memo' as document_type,
    credit_memo_id as document_id,
    'credit_memo' as transaction_type,
    credit_memo_id as transaction_id,
    cast(null as varchar) as line_id,
    document_number,
    customer_id,
    customer_name,
    currency,
    exchange_rate,
    -total_amount as total,
    cast(0 as decimal(18, 2)) as deposit_amount,
    txn_date,
    txn_date as due_date
from credit_memos
