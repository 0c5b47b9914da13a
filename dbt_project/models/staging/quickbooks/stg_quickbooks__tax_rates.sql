with latest as (
    {{ latest_versions(source('raw_quickbooks', 'tax_rates')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "RateValue": "DECIMAL(18,6)"
        }') as tax_rate
    from latest
)

select
    entity,
    record_id as tax_rate_id,
    tax_rate.name as tax_rate_name,
    tax_rate.ratevalue as rate_percent,
    extracted_at
from parsed
