{#- The texts of invoices, read as QuickBooks' own are read. -#}
with payloads as (
    select * from {{ ref('int_billing__invoice_payloads') }}
),

parsed as (
    select
        *,
        json_transform(payload, '{
            "CustomerRef": {"value": "VARCHAR"},
            "SalesTermRef": {"value": "VARCHAR"},
            "CurrencyRef": {"value": "VARCHAR"},
            "TxnDate": "DATE",
            "DueDate": "DATE",
            "Line": [{{ sales_line() }}]
        }') as invoice
    from payloads
)

select
    entity,
    billing_key,
    deal_id,
    invoice.customerref.value as customer_id,
    invoice.currencyref.value as currency,
    invoice.txndate as txn_date,
    invoice.duedate as due_date,
    invoice.line as lines,
    net_amount,
    total_amount,
    approved_date,
    approved_at as extracted_at
from parsed
