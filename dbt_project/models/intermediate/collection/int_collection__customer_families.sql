with recursive customers as (
    select * from {{ ref('int_ledger__customers') }}
),

links as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

-- Who is right below whom. A customer and its CRM account are one, so they stand below each other.
steps as (
    select
        entity,
        'customer ' || parent_customer_id as upper_node,
        'customer ' || customer_id as lower_node
    from customers
    where parent_customer_id is not null
    union all by name
    select
        entities.entity,
        'account ' || accounts.crm_entity || ' ' || accounts.parent_crm_account_id as upper_node,
        'account ' || accounts.crm_entity || ' ' || accounts.crm_account_id as lower_node
    from accounts
    cross join entities
    where accounts.parent_crm_account_id is not null
    union all by name
    select
        entity,
        'customer ' || customer_id as upper_node,
        'account ' || crm_entity || ' ' || crm_account_id as lower_node
    from links
    union all by name
    select
        entity,
        'account ' || crm_entity || ' ' || crm_account_id as upper_node,
        'customer ' || customer_id as lower_node
    from links
),

-- `union` keeps a pair once, so a circle of parents comes to an end.
families as (
    select
        entity,
        customer_id,
        'customer ' || customer_id as node
    from customers
    union
    select
        families.entity,
        families.customer_id,
        steps.lower_node as node
    from families
    inner join steps
        on families.entity = steps.entity and families.node = steps.upper_node
)

select
    families.entity,
    families.customer_id,
    customers.customer_id as member_customer_id
from families
inner join customers
    on
        families.entity = customers.entity
        and families.node = 'customer ' || customers.customer_id
