with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunity_history'), keeps_deleted=true) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "OpportunityId": "VARCHAR",
            "StageName": "VARCHAR",
            "ForecastCategory": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "Amount": "DECIMAL(18,2)",
            "Probability": "DECIMAL(9,4)",
            "CloseDate": "DATE",
            "CreatedDate": "TIMESTAMPTZ"
        }') as state
    from latest
)

select
    entity,
    record_id as opportunity_history_id,
    state.opportunityid as opportunity_id,
    state.stagename as stage_name,
    state.forecastcategory as forecast_category,
    state.currencyisocode as currency,
    state.amount,
    state.probability as probability_percent,
    state.closedate as close_date,
    state.createddate as created_at,
    extracted_at
from parsed
