{%- set levels_max = 20 -%}
with recursive accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

-- From each account upwards; where accounts get their own invoices, nowhere.
climbed as (
    select
        crm_entity,
        crm_account_id,
        crm_account_id as bill_to_account_id,
        parent_crm_account_id,
        [crm_account_id] as account_ids,
        0 as level
    from accounts
    union all
    select
        climbed.crm_entity,
        climbed.crm_account_id,
        accounts.crm_account_id as bill_to_account_id,
        accounts.parent_crm_account_id,
        list_append(climbed.account_ids, accounts.crm_account_id) as account_ids,
        climbed.level + 1 as level
    from climbed
    inner join accounts
        on
            climbed.crm_entity = accounts.crm_entity
            and climbed.parent_crm_account_id = accounts.crm_account_id
    where climbed.level < {{ levels_max }} and '{{ var("billing")["bill_to"] }}' = 'parent'
)

-- Parents that go round in a circle have no top, so such an account gets its own invoices.
select
    crm_entity,
    crm_account_id,
    case
        when max(level) = {{ levels_max }} then crm_account_id
        else arg_max(bill_to_account_id, level)
    end as bill_to_account_id,
    case
        when max(level) = {{ levels_max }} then [crm_account_id]
        else arg_max(account_ids, level)
    end as account_ids
from climbed
group by crm_entity, crm_account_id
