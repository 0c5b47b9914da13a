with units as (
    select * from {{ ref('int_billing__units') }}
    where customers_count = 0
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

accounts_to_create as (
    select distinct
        units.entity,
        accounts.crm_entity,
        accounts.crm_account_id,
        accounts.account_name,
        accounts.legal_name,
        accounts.website,
        accounts.billing_email
    from units
    inner join accounts
        on
            units.crm_entity = accounts.crm_entity
            and units.bill_to_account_id = accounts.crm_account_id
),

account_signs as (
    select
        entity,
        crm_entity,
        crm_account_id,
        account_name,
        unnest(
            list_concat(
                [
                    {{ normalised_name('account_name') }},
                    {{ normalised_name("coalesce(legal_name, '')") }}
                ],
                {{ company_hosts('website', 'billing_email') }}
            )
        ) as sign
    from accounts_to_create
),

customer_signs as (
    select
        entity,
        'QuickBooks customer ' || customer_name as looks_like,
        unnest(
            list_concat(
                [
                    {{ normalised_name("coalesce(customer_name, '')") }},
                    {{ normalised_name("coalesce(company_name, '')") }}
                ],
                {{ company_hosts('website', 'email') }}
            )
        ) as sign
    from customers
),

likely as (
    select
        account_signs.entity,
        account_signs.crm_entity,
        account_signs.crm_account_id,
        customer_signs.looks_like
    from account_signs
    inner join customer_signs using (entity, sign)
    where account_signs.sign <> ''
    union all
    -- Two accounts of one company would be created twice.
    select
        account_signs.entity,
        account_signs.crm_entity,
        account_signs.crm_account_id,
        'account ' || others.account_name || ', which has no customer either' as looks_like
    from account_signs
    inner join account_signs as others using (entity, crm_entity, sign)
    where account_signs.sign <> '' and account_signs.crm_account_id <> others.crm_account_id
)

select
    entity,
    crm_entity,
    crm_account_id,
    string_agg(distinct looks_like, ', ' order by looks_like) as looks_like
from likely
group by all
