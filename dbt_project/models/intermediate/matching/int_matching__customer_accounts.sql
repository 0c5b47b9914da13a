with customers as (
    select * from {{ ref('int_ledger__customers') }}
    where is_listed
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

by_stored_id as (
    select
        customers.entity,
        customers.customer_id,
        accounts.crm_system,
        accounts.crm_entity,
        accounts.crm_account_id,
        'stored_id' as link_kind,
        1 as preference
    from customers
    inner join accounts on customers.customer_id = accounts.quickbooks_customer_id
),

by_name as (
    select
        customers.entity,
        customers.customer_id,
        accounts.crm_system,
        accounts.crm_entity,
        accounts.crm_account_id,
        'equal_name' as link_kind,
        2 as preference
    from customers
    inner join accounts
        on lower(trim(customers.customer_name)) = lower(trim(accounts.account_name))
    where accounts.quickbooks_customer_id is null
),

matches as (
    select * from by_stored_id
    union all by name
    select * from by_name
),

-- A stored id says nothing about the realm, so across realms it has to be the only one of its kind.
candidates as (
    select
        *,
        count(*) over (partition by crm_entity, crm_account_id, link_kind, entity)
            as customers_of_account,
        count(*) over (partition by entity, customer_id, link_kind) as accounts_of_customer,
        count(*) over (partition by crm_entity, crm_account_id, link_kind)
            as customers_in_all_entities
    from matches
)

select
    entity,
    customer_id,
    crm_system,
    crm_entity,
    crm_account_id,
    link_kind
from candidates
where
    accounts_of_customer = 1
    and case link_kind
        when 'stored_id' then customers_in_all_entities = 1
        else customers_of_account = 1
    end
qualify row_number() over (partition by entity, customer_id order by preference) = 1
