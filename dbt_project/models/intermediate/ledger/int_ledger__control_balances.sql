with aged_receivables as (
    select * from {{ ref('stg_quickbooks__aged_receivables') }}
),

aged_receivable_details as (
    select * from {{ ref('stg_quickbooks__aged_receivable_details') }}
),

balance_sheets as (
    select * from {{ ref('stg_quickbooks__balance_sheets') }}
),

receivable_accounts as (
    select * from {{ ref('int_ledger__receivable_accounts') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
),

in_home_currency as (
    select
        aged_receivables.entity,
        aged_receivables.report_date as as_of_date,
        'aged_receivables' as measure,
        entities.home_currency as currency,
        aged_receivables.customer_id,
        sum(aged_receivables.total_amount) as amount,
        {% for column in ageing_columns() %}
            sum(aged_receivables.{{ column }}) as {{ column }},
        {% endfor %}
        max(aged_receivables.extracted_at) as read_at
    from aged_receivables
    inner join entities using (entity)
    group by all
),

foreign_documents as (
    select aged_receivable_details.*
    from aged_receivable_details
    inner join entities using (entity)
    where aged_receivable_details.currency <> entities.home_currency
),

in_foreign_currency as (
    select
        entity,
        report_date as as_of_date,
        'aged_receivables' as measure,
        currency,
        customer_id,
        sum(open_amount) as amount,
        max(extracted_at) as read_at
    from foreign_documents
    group by grouping sets (
        (entity, report_date, currency, customer_id),
        (entity, report_date, currency)
    )
),

control_accounts as (
    select
        balance_sheets.entity,
        balance_sheets.report_date as as_of_date,
        'ar_control_account' as measure,
        entities.home_currency as currency,
        cast(null as varchar) as customer_id,
        coalesce(
            sum(balance_sheets.balance_amount) filter (
                where receivable_accounts.account_id is not null
                or balance_sheets.section_group = 'AR'
            ),
            0
        ) as amount,
        max(balance_sheets.extracted_at) as read_at
    from balance_sheets
    inner join entities using (entity)
    left join receivable_accounts
        on
            balance_sheets.entity = receivable_accounts.entity
            and balance_sheets.account_id = receivable_accounts.account_id
    group by all
),

present_balances as (
    select
        customers.entity,
        entities.extraction_date as as_of_date,
        'customer_balance' as measure,
        coalesce(customers.currency, entities.home_currency) as currency,
        customers.customer_id,
        customers.balance_amount,
        customers.extracted_at
    from customers
    inner join entities using (entity)
    where customers.balance_amount is not null
),

customer_balances as (
    select
        entity,
        as_of_date,
        measure,
        currency,
        customer_id,
        sum(balance_amount) as amount,
        max(extracted_at) as read_at
    from present_balances
    group by grouping sets (
        (entity, as_of_date, measure, currency, customer_id),
        (entity, as_of_date, measure, currency)
    )
),

unioned as (
    select * from in_home_currency
    union all by name
    select * from in_foreign_currency
    union all by name
    select * from control_accounts
    union all by name
    select * from customer_balances
)

select
    unioned.entity,
    unioned.as_of_date,
    unioned.measure,
    unioned.currency,
    unioned.customer_id,
    cast(unioned.amount as decimal(18, 2)) as amount,
    {% for column in ageing_columns() %}
        cast(unioned.{{ column }} as decimal(18, 2)) as {{ column }},
    {% endfor %}
    unioned.read_at
from unioned
inner join as_of_dates using (entity, as_of_date)
