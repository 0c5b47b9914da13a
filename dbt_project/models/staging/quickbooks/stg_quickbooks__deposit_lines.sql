with latest as (
    {{ latest_versions(source('raw_quickbooks', 'deposits')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "DocNumber": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TxnDate": "DATE",
            "Line": [{
                "Id": "VARCHAR",
                "Amount": "DECIMAL(18,2)",
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
),

lines as (
    select
        entity,
        record_id,
        extracted_at,
        deposit,
        unnest(deposit.line) as line,
        generate_subscripts(deposit.line, 1) as line_position
    from parsed
)

select
    entity,
    record_id as deposit_id,
    coalesce(line.id, cast(line_position as varchar)) as line_id,
    line.depositlinedetail.accountref.value as account_id,
    coalesce(
        line.depositlinedetail.entity.value, line.depositlinedetail.entity.entityref.value
    ) as party_id,
    line.depositlinedetail.entity.type as party_type,
    coalesce(
        line.depositlinedetail.entity.name, line.depositlinedetail.entity.entityref.name
    ) as party_name,
    deposit.docnumber as document_number,
    deposit.currencyref.value as currency,
    deposit.exchangerate as exchange_rate,
    line.amount,
    deposit.txndate as txn_date,
    extracted_at
from lines
