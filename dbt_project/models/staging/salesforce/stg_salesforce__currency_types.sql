with latest as (
    {{ latest_versions(source('raw_salesforce', 'currency_types')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "IsoCode": "VARCHAR",
            "ConversionRate": "DECIMAL(20,8)",
            "IsCorporate": "BOOLEAN"
        }') as currency_type
    from latest
)

select
    entity,
    record_id as currency_type_id,
    currency_type.isocode as currency,
    currency_type.conversionrate as conversion_rate,
    coalesce(currency_type.iscorporate, false) as is_corporate,
    extracted_at
from parsed
