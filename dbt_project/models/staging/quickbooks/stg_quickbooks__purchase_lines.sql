with latest as (
    {{ latest_versions(source('raw_quickbooks', 'purchases')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
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
),

lines as (
    select
        entity,
        record_id,
        extracted_at,
        purchase,
        unnest(purchase.line) as line,
        generate_subscripts(purchase.line, 1) as line_position
    from parsed
)

select
    entity,
    record_id as purchase_id,
    coalesce(line.id, cast(line_position as varchar)) as line_id,
    line.accountbasedexpenselinedetail.accountref.value as account_id,
    line.accountbasedexpenselinedetail.customerref.value as customer_id,
    purchase.entityref.value as party_id,
    line.accountbasedexpenselinedetail.customerref.name as customer_name,
    purchase.entityref.type as party_type,
    purchase.entityref.name as party_name,
    purchase.paymenttype as payment_type,
    purchase.docnumber as document_number,
    purchase.currencyref.value as currency,
    purchase.exchangerate as exchange_rate,
    line.amount,
    purchase.credit as is_credit,
    purchase.txndate as txn_date,
    extracted_at
from lines
