with latest as (
    {{ latest_versions(source('raw_salesforce', 'users')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "Department": "VARCHAR",
            "Title": "VARCHAR",
            "IsActive": "BOOLEAN"
        }') as crm_user
    from latest
)

select
    entity,
    record_id as user_id,
    crm_user.name as user_name,
    crm_user.department,
    crm_user.title,
    crm_user.isactive as is_active,
    extracted_at
from parsed
