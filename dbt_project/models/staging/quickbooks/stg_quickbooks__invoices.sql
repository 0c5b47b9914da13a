{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_versions(source('raw_quickbooks', 'invoices'), 'invoice_id') }}",
) }}

with latest as (
    {{ latest_versions(source('raw_quickbooks', 'invoices'), 'invoice_id') }}
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
            "SalesTermRef": {"value": "VARCHAR"},
            "DepositToAccountRef": {"value": "VARCHAR"},
            "DocNumber": "VARCHAR",
            "PrivateNote": "VARCHAR",
            "CustomerMemo": {"value": "VARCHAR"},
            "CustomField": [{"Name": "VARCHAR", "StringValue": "VARCHAR"}],
            "LinkedTxn": [{"TxnId": "VARCHAR", "TxnType": "VARCHAR"}],
            "EmailStatus": "VARCHAR",
            "DeliveryInfo": {"DeliveryTime": "TIMESTAMPTZ"},
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TotalAmt": "DECIMAL(18,2)",
            "Deposit": "DECIMAL(18,2)",
            "MetaData": {"CreateTime": "TIMESTAMPTZ", "LastUpdatedTime": "TIMESTAMPTZ"},
            "SyncToken": "VARCHAR",
            "TxnDate": "DATE",
            "DueDate": "DATE",
            "TxnTaxDetail": {"TotalTax": "DECIMAL(18,2)"},
            "Line": [{{ sales_line() }}]
        }') as invoice
    from latest
)

select
    entity,
    record_id as invoice_id,
    invoice.customerref.value as customer_id,
    invoice.salestermref.value as term_id,
    invoice.deposittoaccountref.value as deposit_account_id,
    [
        linked.txnid for linked in coalesce(invoice.linkedtxn, []) if linked.txntype = 'Estimate'
    ] as estimate_ids,
    invoice.customerref.name as customer_name,
    invoice.docnumber as document_number,
    invoice.privatenote as private_note,
    invoice.customermemo.value as customer_memo,
    invoice.customfield as custom_fields,
    invoice.emailstatus as email_status,
    invoice.currencyref.value as currency,
    invoice.exchangerate as exchange_rate,
    invoice.totalamt as total_amount,
    invoice.txntaxdetail.totaltax as tax_amount,
    invoice.deposit as deposit_amount,
    invoice.txndate as txn_date,
    invoice.duedate as due_date,
    invoice.metadata.createtime as created_at,
    coalesce(invoice.metadata.lastupdatedtime, extracted_at) as updated_at,
    invoice.deliveryinfo.deliverytime as delivered_at,
    invoice.synctoken as sync_token,
    invoice.line as lines,
    version,
    extracted_at,
    run_id
from parsed
