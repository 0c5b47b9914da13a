with latest as (
    {{ latest_versions(source('raw_quickbooks', 'company_info')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "CompanyName": "VARCHAR",
            "LegalName": "VARCHAR",
            "Country": "VARCHAR",
            "DefaultTimeZone": "VARCHAR"
        }') as company
    from latest
)

select
    entity,
    company.companyname as company_name,
    company.legalname as legal_name,
    company.country as country_code,
    company.defaulttimezone as time_zone,
    extracted_at
from parsed
