with customers as (
    select * from {{ ref('int_ledger__customers') }}
),

quickbooks_customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

links as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
)

select
    customers.entity,
    customers.customer_id,
    coalesce(
        -- `all` is the whole company, so no segment can have that name.
        nullif(nullif(trim(accounts.segment), ''), 'all'),
        nullif(
            coalesce(
                quickbooks_customers.customer_type_name, quickbooks_customers.customer_type_id
            ),
            'all'
        ),
        'unassigned'
    ) as segment
from customers
left join quickbooks_customers using (entity, customer_id)
left join links using (entity, customer_id)
left join accounts
    on links.crm_entity = accounts.crm_entity and links.crm_account_id = accounts.crm_account_id
