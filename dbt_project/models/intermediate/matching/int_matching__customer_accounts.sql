with customers as (
    select * from {{ ref('int_ledger__customers') }}
    where is_listed
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

noted_customers as (
    select
        entity,
        customer_id,
        {{ customer_marker_parts('notes') }} as marker
    from {{ ref('stg_quickbooks__customers') }}
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

by_marker as (
    select
        customers.entity,
        customers.customer_id,
        accounts.crm_system,
        accounts.crm_entity,
        accounts.crm_account_id,
        'marker' as link_kind,
        2 as preference
    from customers
    inner join noted_customers using (entity, customer_id)
    inner join accounts
        on
            noted_customers.marker.crm_system = accounts.crm_system
            and noted_customers.marker.crm_account_id = accounts.crm_account_id
    where
        noted_customers.marker.entity = customers.entity
        and accounts.quickbooks_customer_id is null
),

by_name as (
    select
        customers.entity,
        customers.customer_id,
        accounts.crm_system,
        accounts.crm_entity,
        accounts.crm_account_id,
        'equal_name' as link_kind,
        3 as preference
    from customers
    inner join accounts
        on lower(trim(customers.customer_name)) = lower(trim(accounts.account_name))
    where accounts.quickbooks_customer_id is null
),

matches as (
    select * from by_stored_id
    union all by name
    select * from by_marker
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
