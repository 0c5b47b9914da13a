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
    accounts.segment,
    coalesce(
        nullif(trim(accounts.region), ''),
        nullif(trim(accounts.billing_state), ''),
        nullif(trim(accounts.billing_country), '')
    ) as region,
    users.user_name as owner_name,
    accounts.credit_limit_amount as credit_limit_home
from accounts
left join users
    on accounts.entity = users.entity and accounts.owner_id = users.user_id
