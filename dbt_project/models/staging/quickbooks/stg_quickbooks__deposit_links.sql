with latest as (
    {{ latest_versions(source('raw_quickbooks', 'deposits')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "TxnDate": "DATE",
            "Line": [{"LinkedTxn": [{"TxnId": "VARCHAR", "TxnType": "VARCHAR"}]}]
        }') as deposit
    from latest
),

lines as (
    select
        entity,
        record_id,
        extracted_at,
        deposit.txndate as txn_date,
        unnest(deposit.line) as line
    from parsed
),

links as (
    select
        entity,
        record_id,
        extracted_at,
        txn_date,
        unnest(line.linkedtxn) as link
    from lines
)

select
    entity,
    record_id as deposit_id,
    link.txnid as linked_transaction_id,
    link.txntype as linked_transaction_type,
    txn_date,
    extracted_at
from links
