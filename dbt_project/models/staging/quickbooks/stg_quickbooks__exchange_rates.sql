with latest as (
    {{ latest_versions(source('raw_quickbooks', 'exchange_rates')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "SourceCurrencyCode": "VARCHAR",
            "AsOfDate": "DATE",
            "Rate": "DECIMAL(20,8)"
        }') as exchange_rate
    from latest
)

select
    entity,
    record_id as exchange_rate_id,
    exchange_rate.sourcecurrencycode as currency,
    exchange_rate.rate as exchange_rate,
    exchange_rate.asofdate as rate_date,
    extracted_at
from parsed
