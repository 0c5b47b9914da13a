with latest as (
    {{ latest_versions(source('raw_salesforce', 'accounts')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "ParentId": "VARCHAR",
            "OwnerId": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "BillingState": "VARCHAR",
            "BillingCountry": "VARCHAR",
            "IsDeleted": "BOOLEAN",
            "{{ crm_field("account", "quickbooks_customer_id") }}": "VARCHAR",
            "{{ crm_field("account", "credit_limit") }}": "DECIMAL(18,2)",
            "{{ crm_field("account", "segment") }}": "VARCHAR",
            "{{ crm_field("account", "region") }}": "VARCHAR"
        }') as account
    from latest
)

select
    entity,
    record_id as account_id,
    account.parentid as parent_account_id,
    account.ownerid as owner_id,
    nullif(account."{{ crm_field('account', 'quickbooks_customer_id') }}", '')
        as quickbooks_customer_id,
    account.name as account_name,
    account."{{ crm_field('account', 'segment') }}" as segment,
    account."{{ crm_field('account', 'region') }}" as region,
    account.billingstate as billing_state,
    account.billingcountry as billing_country,
    account.currencyisocode as currency,
    account."{{ crm_field('account', 'credit_limit') }}" as credit_limit_amount,
    coalesce(account.isdeleted, false) as is_deleted,
    extracted_at
from parsed
