with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunity_field_history'), keeps_deleted=true) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "OpportunityId": "VARCHAR",
            "Field": "VARCHAR",
            "OldValue": "VARCHAR",
            "NewValue": "VARCHAR",
            "CreatedDate": "TIMESTAMPTZ"
        }') as change
    from latest
)

select
    entity,
    record_id as opportunity_field_history_id,
    change.opportunityid as opportunity_id,
    change.field as field_name,
    change.oldvalue as old_value,
    change.newvalue as new_value,
    change.createddate as created_at,
    extracted_at
from parsed
