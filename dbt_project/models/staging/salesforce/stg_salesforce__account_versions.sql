with versions as (
    select * from {{ source('raw_salesforce', 'accounts') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        is_deleted,
        extracted_at,
        {{ shown_count(
            ['Name', 'ParentId', 'BillingStreet', 'BillingCity', 'BillingPostalCode',
             'BillingState', 'BillingCountry', crm_field('account', 'legal_name'),
             crm_field('account', 'payment_terms'), crm_field('account', 'tax_status'),
             crm_field('account', 'tax_certificate')]
        ) }} as content_fields_count,
        coalesce(source_updated_at, extracted_at) as updated_at,
        json_transform(
            payload, '{
            "Name": "VARCHAR",
            "ParentId": "VARCHAR",
            {% for part in ["Street", "City", "PostalCode", "State", "Country"] -%}
            "Billing{{ part }}": "VARCHAR",
            {% endfor -%}
            {% for name in ["legal_name", "payment_terms", "tax_status", "tax_certificate"] -%}
            "{{ crm_field("account", name) }}": "VARCHAR",
            {% endfor -%}
            "CreatedDate": "TIMESTAMPTZ"
        }') as account
    from versions
)

select
    entity,
    record_id as account_id,
    version,
    account.parentid as parent_account_id,
    account.name as account_name,
    {% for name in ['legal_name', 'payment_terms', 'tax_status', 'tax_certificate'] -%}
        nullif(trim(account."{{ crm_field('account', name) }}"), '') as {{ name }},
    {% endfor -%}
    {% for part in ['street', 'city', 'postal_code', 'state', 'country'] -%}
        nullif(trim(account.billing{{ part | replace('_', '') }}), '') as billing_{{ part }},
    {% endfor -%}
    content_fields_count,
    is_deleted,
    account.createddate as created_at,
    updated_at,
    extracted_at
from parsed
