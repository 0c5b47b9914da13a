with latest as (
    {{ latest_versions(source('raw_quickbooks', 'estimates')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "CustomerRef": {"value": "VARCHAR"},
            "DocNumber": "VARCHAR",
            "PrivateNote": "VARCHAR",
            "TxnStatus": "VARCHAR",
            "TotalAmt": "DECIMAL(18,2)",
            "TxnDate": "DATE"
        }') as estimate
    from latest
)

select
    entity,
    record_id as estimate_id,
    estimate.customerref.value as customer_id,
    estimate.docnumber as document_number,
    estimate.privatenote as private_note,
    estimate.txnstatus as status,
    estimate.totalamt as total_amount,
    estimate.txndate as txn_date,
    extracted_at
from parsed
