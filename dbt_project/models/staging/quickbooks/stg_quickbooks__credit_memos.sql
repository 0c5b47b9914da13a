{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'credit_memos'), 'credit_memo_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'credit_memos'), 'credit_memo_id') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        extracted_at,
        run_id,
        json_transform(payload, '{
            "CustomerRef": {"value": "VARCHAR", "name": "VARCHAR"},
            "DocNumber": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TotalAmt": "DECIMAL(18,2)",
            "TxnDate": "DATE",
            "TxnTaxDetail": {"TotalTax": "DECIMAL(18,2)"},
            "Line": [{{ sales_line() }}]
        }') as credit_memo
    from latest
)

select
    entity,
    record_id as credit_memo_id,
    credit_memo.customerref.value as customer_id,
    credit_memo.customerref.name as customer_name,
    credit_memo.docnumber as document_number,
    credit_memo.currencyref.value as currency,
    credit_memo.exchangerate as exchange_rate,
    credit_memo.totalamt as total_amount,
    credit_memo.txntaxdetail.totaltax as tax_amount,
    credit_memo.txndate as txn_date,
    credit_memo.line as lines,
    version,
    extracted_at,
    run_id
from parsed
