{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'deposits'), 'deposit_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'deposits'), 'deposit_id') }}
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
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TxnDate": "DATE",
            "Line": [{
                "Id": "VARCHAR",
                "Amount": "DECIMAL(18,2)",
                "LinkedTxn": [{"TxnId": "VARCHAR", "TxnType": "VARCHAR"}],
                "DepositLineDetail": {
                    "AccountRef": {"value": "VARCHAR"},
                    "Entity": {
                        "value": "VARCHAR",
                        "name": "VARCHAR",
                        "type": "VARCHAR",
                        "EntityRef": {"value": "VARCHAR", "name": "VARCHAR"}
                    }
                }
            }]
        }') as deposit
    from latest
)

select
    entity,
    record_id as deposit_id,
    deposit.docnumber as document_number,
    deposit.currencyref.value as currency,
    deposit.exchangerate as exchange_rate,
    deposit.txndate as txn_date,
    deposit.line as lines,
    version,
    extracted_at,
    run_id
from parsed
