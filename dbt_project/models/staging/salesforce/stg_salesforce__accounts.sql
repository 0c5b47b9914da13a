with latest as (
    {{ latest_versions(source('raw_salesforce', 'accounts')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        {{ custom_fields_shown('payload', 'account', [
            'quickbooks_customer_id', 'receivables_standing', 'receivables_balance',
            'receivables_overdue', 'receivables_currency', 'receivables_as_of',
        ]) }} as custom_fields,
        {{ fields_as_shown('payload', [
            'Id', 'Name', 'BillingStreet', 'BillingCity', 'BillingPostalCode', 'BillingState',
            'BillingCountry', 'BillingStateCode', 'BillingCountryCode',
            crm_field('account', 'legal_name'), crm_field('account', 'payment_terms'),
            crm_field('account', 'tax_status'), crm_field('account', 'tax_certificate'),
        ] + (['ParentId'] if var('billing')['bill_to'] == 'parent' else [])) }} as reviewed_fields,
        json_transform(
            payload, '{
            "Name": "VARCHAR",
            "ParentId": "VARCHAR",
            "OwnerId": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "Website": "VARCHAR",
            "Phone": "VARCHAR",
            "CreatedDate": "TIMESTAMPTZ",
            "CreatedById": "VARCHAR",
            {% for part in ["Street", "City", "PostalCode", "State", "Country"] -%}
            "Billing{{ part }}": "VARCHAR",
            "Shipping{{ part }}": "VARCHAR",
            {% endfor -%}
            "IsDeleted": "BOOLEAN",
            {% for name in [
                "quickbooks_customer_id", "segment", "region", "legal_name", "billing_email",
                "payment_terms", "tax_status", "tax_certificate", "finance_status",
                "receivables_standing", "receivables_currency",
            ] -%}
            "{{ crm_field("account", name) }}": "VARCHAR",
            {% endfor -%}
            "{{ crm_field("account", "receivables_balance") }}": "DECIMAL(18,2)",
            "{{ crm_field("account", "receivables_overdue") }}": "DECIMAL(18,2)",
            "{{ crm_field("account", "credit_limit") }}": "DECIMAL(18,2)"
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
    {% for name in [
        'legal_name', 'billing_email', 'payment_terms', 'tax_status', 'tax_certificate',
        'finance_status', 'receivables_standing', 'receivables_currency',
    ] -%}
        nullif(trim(account."{{ crm_field('account', name) }}"), '') as {{ name }},
    {% endfor -%}
    account.website,
    nullif(trim(account.phone), '') as phone,
    {% for kind in ['billing', 'shipping'] -%}
        {% for part in ['street', 'city', 'postal_code', 'state', 'country'] -%}
            nullif(trim(account.{{ kind }}{{ part | replace('_', '') }}), '')
                as {{ kind }}_{{ part }},
        {% endfor -%}
    {% endfor -%}
    account.currencyisocode as currency,
    {% for name in ['receivables_balance', 'receivables_overdue'] -%}
        account."{{ crm_field('account', name) }}" as {{ name }},
    {% endfor -%}
    account."{{ crm_field('account', 'credit_limit') }}" as credit_limit_amount,
    coalesce(account.isdeleted, false) as is_deleted,
    account.createddate as created_at,
    account.createdbyid as creator_id,
    custom_fields,
    reviewed_fields,
    extracted_at
from parsed
