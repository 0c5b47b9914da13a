with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunities')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "AccountId": "VARCHAR",
            "OwnerId": "VARCHAR",
            "Name": "VARCHAR",
            "StageName": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "Amount": "DECIMAL(18,2)",
            "IsClosed": "BOOLEAN",
            "IsWon": "BOOLEAN",
            "IsDeleted": "BOOLEAN",
            "CloseDate": "DATE"
        }') as opportunity
    from latest
)

select
    entity,
    record_id as opportunity_id,
    opportunity.accountid as account_id,
    opportunity.ownerid as owner_id,
    opportunity.name as opportunity_name,
    opportunity.stagename as stage_name,
    opportunity.currencyisocode as currency,
    opportunity.amount,
    opportunity.isclosed as is_closed,
    opportunity.iswon as is_won,
    coalesce(opportunity.isdeleted, false) as is_deleted,
    opportunity.closedate as close_date,
    extracted_at
from parsed
