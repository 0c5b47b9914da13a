{%- set fields = var('crm_fields') -%}
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
            "IsDeleted": "BOOLEAN",
            "{{ fields["quickbooks_customer_id"] }}": "VARCHAR",
            "{{ fields["credit_limit"] }}": "DECIMAL(18,2)",
            "{{ fields["segment"] }}": "VARCHAR"
        }') as account
    from latest
)

select
    entity,
    record_id as account_id,
    account.parentid as parent_account_id,
    account.ownerid as owner_id,
    nullif(account."{{ fields["quickbooks_customer_id"] }}", '') as quickbooks_customer_id,
    account.name as account_name,
    account."{{ fields["segment"] }}" as segment,
    account.currencyisocode as currency,
    account."{{ fields["credit_limit"] }}" as credit_limit_amount,
    coalesce(account.isdeleted, false) as is_deleted,
    extracted_at
from parsed
