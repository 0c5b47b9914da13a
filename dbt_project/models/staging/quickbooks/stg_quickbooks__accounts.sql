with latest as (
    {{ latest_versions(source('raw_quickbooks', 'accounts')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "AccountType": "VARCHAR",
            "AccountSubType": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "Active": "BOOLEAN"
        }') as account
    from latest
)

select
    entity,
    record_id as account_id,
    account.name as account_name,
    account.accounttype as account_type,
    account.accountsubtype as account_sub_type,
    account.currencyref.value as currency,
    account.active as is_active,
    extracted_at
from parsed
