{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'journal_entries'), 'journal_entry_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'journal_entries'), 'journal_entry_id') }}
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
                "JournalEntryLineDetail": {
                    "PostingType": "VARCHAR",
                    "AccountRef": {"value": "VARCHAR"},
                    "Entity": {"Type": "VARCHAR", "EntityRef": {"value": "VARCHAR", "name": "VARCHAR"}}
                }
            }]
        }') as entry
    from latest
)

select
    entity,
    record_id as journal_entry_id,
    entry.docnumber as document_number,
    entry.currencyref.value as currency,
    entry.exchangerate as exchange_rate,
    entry.txndate as txn_date,
    entry.line as lines,
    version,
    extracted_at,
    run_id
from parsed
