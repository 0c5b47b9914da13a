with latest as (
    {{ latest_versions(source('raw_quickbooks', 'payments')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "CustomerRef": {"value": "VARCHAR", "name": "VARCHAR"},
            "DepositToAccountRef": {"value": "VARCHAR"},
            "PaymentRefNum": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TotalAmt": "DECIMAL(18,2)",
            "UnappliedAmt": "DECIMAL(18,2)",
            "TxnDate": "DATE"
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
    extracted_at
from parsed
