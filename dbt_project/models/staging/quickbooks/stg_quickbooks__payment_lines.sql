with latest as (
    {{ latest_versions(source('raw_quickbooks', 'payments')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Line": [{"Amount": "DECIMAL(18,2)", "LinkedTxn": [{"TxnId": "VARCHAR", "TxnType": "VARCHAR"}]}]
        }') as payment
    from latest
),

lines as (
    select
        entity,
        record_id,
        extracted_at,
        unnest(payment.line) as line,
        generate_subscripts(payment.line, 1) as line_position
    from parsed
),

links as (
    select
        entity,
        record_id,
        extracted_at,
        line_position,
        line.amount,
        unnest(line.linkedtxn) as link,
        generate_subscripts(line.linkedtxn, 1) as link_position
    from lines
)

select
    entity,
    record_id as payment_id,
    line_position,
    link_position,
    link.txnid as linked_transaction_id,
    link.txntype as linked_transaction_type,
    amount,
    extracted_at
from links
