with entities as (
    select * from {{ ref('int_thread__entities') }}
),

told_rates as (
    select * from {{ ref('stg_quickbooks__exchange_rates') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where has_exchange_rate and transaction_type <> 'journal_entry'
),

currency_types as (
    select * from {{ ref('stg_salesforce__currency_types') }}
),

-- The vendor tells a day's rate when asked on it; for days before, its documents carry it.
dated_rates as (
    select
        entity,
        currency,
        rate_date,
        exchange_rate,
        1 as preference
    from told_rates
    union all
    select
        entity,
        currency,
        txn_date as rate_date,
        mode(exchange_rate order by exchange_rate) as exchange_rate,
        2 as preference
    from documents
    group by entity, currency, txn_date
),

one_a_day as (
    select *
    from dated_rates
    qualify row_number() over (partition by entity, currency, rate_date order by preference) = 1
),

-- The oldest rate holds for the time before it too.
from_books as (
    select
        one_a_day.entity,
        one_a_day.currency,
        case
            when
                row_number() over (
                    partition by one_a_day.entity, one_a_day.currency order by one_a_day.rate_date
                ) = 1
                then date '1900-01-01'
            else one_a_day.rate_date
        end as holds_from_date,
        one_a_day.exchange_rate
    from one_a_day
    inner join entities
        on
            one_a_day.entity = entities.entity
            and one_a_day.currency <> entities.home_currency
),

-- A currency that the books have never met is valued as the CRM values it.
from_crm as (
    select
        entities.entity,
        foreign_type.currency,
        date '1900-01-01' as holds_from_date,
        cast(
            cast(any_value(home_type.conversion_rate) as double)
            / any_value(foreign_type.conversion_rate) as decimal(20, 8)
        ) as exchange_rate
    from entities
    inner join currency_types as home_type on entities.home_currency = home_type.currency
    inner join currency_types as foreign_type
        on
            home_type.entity = foreign_type.entity
            and home_type.currency <> foreign_type.currency
            and foreign_type.conversion_rate > 0
    anti join from_books
        on
            entities.entity = from_books.entity
            and foreign_type.currency = from_books.currency
    group by entities.entity, foreign_type.currency
),

at_home as (
    select
        entity,
        home_currency as currency,
        date '1900-01-01' as holds_from_date,
        cast(1 as decimal(20, 8)) as exchange_rate
    from entities
)

select * from at_home
union all by name
select * from from_books
union all by name
select * from from_crm
