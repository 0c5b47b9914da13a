with latest as (
    {{ latest_versions(source('raw_quickbooks', 'sales_receipts')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "CustomerRef": {"value": "VARCHAR", "name": "VARCHAR"},
            "DepositToAccountRef": {"value": "VARCHAR"},
            "DocNumber": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TotalAmt": "DECIMAL(18,2)",
            "TxnDate": "DATE"
        }') as sales_receipt
    from latest
)

select
    entity,
    record_id as sales_receipt_id,
    sales_receipt.customerref.value as customer_id,
    sales_receipt.customerref.name as customer_name,
    sales_receipt.deposittoaccountref.value as deposit_account_id,
    sales_receipt.docnumber as document_number,
    sales_receipt.currencyref.value as currency,
    sales_receipt.exchangerate as exchange_rate,
    sales_receipt.totalamt as total_amount,
    sales_receipt.txndate as txn_date,
    extracted_at
from parsed
