with accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
    where not is_deleted
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
)

select
    'salesforce' as crm_system,
    accounts.entity as crm_entity,
    accounts.account_id as crm_account_id,
    accounts.parent_account_id as parent_crm_account_id,
    accounts.quickbooks_customer_id,
    accounts.account_name,
    accounts.legal_name,
    accounts.billing_email,
    accounts.payment_terms,
    accounts.tax_status,
    accounts.tax_certificate,
    accounts.finance_status,
    {% for name in [
        'receivables_standing', 'receivables_balance', 'receivables_overdue',
        'receivables_currency', 'custom_fields',
    ] -%}
        accounts.{{ name }},
    {% endfor -%}
    accounts.website,
    {% for kind in ['billing', 'shipping'] -%}
        {% for part in ['street', 'city', 'postal_code', 'state', 'country'] -%}
            accounts.{{ kind }}_{{ part }},
        {% endfor -%}
    {% endfor -%}
    accounts.segment,
    coalesce(
        nullif(trim(accounts.region), ''),
        nullif(trim(accounts.billing_state), ''),
        nullif(trim(accounts.billing_country), '')
    ) as region,
    users.user_name as owner_name,
    accounts.credit_limit_amount as credit_limit_home,
    accounts.extracted_at
from accounts
left join users
    on accounts.entity = users.entity and accounts.owner_id = users.user_id
