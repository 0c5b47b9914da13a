{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'purchases'), 'purchase_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'purchases'), 'purchase_id') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        extracted_at,
        run_id,
        json_transform(payload, '{
            "DocNumber": "VARCHAR",
            "PaymentType": "VARCHAR",
            "Credit": "BOOLEAN",
            "EntityRef": {"value": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR"},
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TxnDate": "DATE",
            "Line": [{
                "Id": "VARCHAR",
                "Amount": "DECIMAL(18,2)",
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": "VARCHAR"},
                    "CustomerRef": {"value": "VARCHAR", "name": "VARCHAR"}
                }
            }]
        }') as purchase
    from latest
)

select
    entity,
    record_id as purchase_id,
    purchase.entityref.value as party_id,
    purchase.entityref.type as party_type,
    purchase.entityref.name as party_name,
    purchase.paymenttype as payment_type,
    purchase.docnumber as document_number,
    purchase.currencyref.value as currency,
    purchase.exchangerate as exchange_rate,
    purchase.credit as is_credit,
    purchase.txndate as txn_date,
    purchase.line as lines,
    version,
    extracted_at,
    run_id
from parsed
