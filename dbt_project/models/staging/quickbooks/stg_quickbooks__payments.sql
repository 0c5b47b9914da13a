{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'payments'), 'payment_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'payments'), 'payment_id') }}
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
            "DepositToAccountRef": {"value": "VARCHAR"},
            "PaymentRefNum": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TotalAmt": "DECIMAL(18,2)",
            "UnappliedAmt": "DECIMAL(18,2)",
            "MetaData": {"CreateTime": "TIMESTAMPTZ"},
            "TxnDate": "DATE",
            "Line": [{"Amount": "DECIMAL(18,2)", "LinkedTxn": [{"TxnId": "VARCHAR", "TxnType": "VARCHAR"}]}]
        }') as payment
    from latest
)

select
    entity,
    record_id as payment_id,
    payment.customerref.value as customer_id,
    payment.deposittoaccountref.value as deposit_account_id,
    payment.customerref.name as customer_name,
    payment.paymentrefnum as document_number,
    payment.currencyref.value as currency,
    payment.exchangerate as exchange_rate,
    payment.totalamt as total_amount,
    payment.unappliedamt as unapplied_amount,
    payment.txndate as txn_date,
    payment.metadata.createtime as created_at,
    payment.line as lines,
    version,
    extracted_at,
    run_id
from parsed
