with books as (
    select * from {{ ref('int_ledger__entities') }}
),

organisations as (
    select * from {{ ref('int_crm__organisations') }}
),

deal_currencies as (
    select
        crm_entity,
        mode(currency order by currency) as usual_currency
    from {{ ref('int_crm__deals') }}
    group by crm_entity
)

select
    entity,
    home_currency,
    time_zone,
    true as has_books
from books
union all by name
select
    organisations.crm_entity as entity,
    -- An organisation of one currency does not say which.
    coalesce(organisations.corporate_currency, deal_currencies.usual_currency, 'XXX')
        as home_currency,
    organisations.time_zone,
    false as has_books
from organisations
left join deal_currencies using (crm_entity)
where not exists (select 1 from books)
