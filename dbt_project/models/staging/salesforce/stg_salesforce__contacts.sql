with latest as (
    {{ latest_versions(source('raw_salesforce', 'contacts')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{"AccountId": "VARCHAR", "Email": "VARCHAR"}') as contact
    from latest
)

select
    entity,
    record_id as contact_id,
    contact.accountid as account_id,
    nullif(trim(contact.email), '') as email,
    extracted_at
from parsed
