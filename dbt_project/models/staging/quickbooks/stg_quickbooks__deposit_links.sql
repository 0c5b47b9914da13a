with lines as (
    select
        entity,
        deposit_id,
        txn_date,
        extracted_at,
        unnest(lines) as line
    from {{ ref('stg_quickbooks__deposits') }}
),

links as (
    select
        entity,
        deposit_id,
        txn_date,
        extracted_at,
        unnest(line.linkedtxn) as link
    from lines
)

select
    entity,
    deposit_id,
    link.txnid as linked_transaction_id,
    link.txntype as linked_transaction_type,
    txn_date,
    extracted_at
from links
