with latest as (
    {{ latest_versions(source('raw_quickbooks', 'refund_receipts')) }}
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
        }') as refund_receipt
    from latest
)

select
    entity,
    record_id as refund_receipt_id,
    refund_receipt.customerref.value as customer_id,
    refund_receipt.customerref.name as customer_name,
    refund_receipt.deposittoaccountref.value as deposit_account_id,
    refund_receipt.docnumber as document_number,
    refund_receipt.currencyref.value as currency,
    refund_receipt.exchangerate as exchange_rate,
    refund_receipt.totalamt as total_amount,
    refund_receipt.txndate as txn_date,
    extracted_at
from parsed
