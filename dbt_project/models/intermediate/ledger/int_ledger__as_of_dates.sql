with entities as (
    select * from {{ ref('int_ledger__entities') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

first_documents as (
    select
        documents.entity,
        min(documents.txn_date) as first_date
    from documents
    inner join entities using (entity)
    group by all
),

months as (
    select
        entity,
        unnest(
            generate_series(
                date_trunc('month', first_date), {{ as_of_date() }}, interval 1 month
            )
        ) as month_start
    from first_documents
),

dates as (
    select
        entity,
        last_day(month_start) as as_of_date
    from months
    union all by name
    select
        entity,
        {{ as_of_date() }} as as_of_date
    from entities
)

select
    entity,
    as_of_date,
    as_of_date = {{ as_of_date() }} as is_run_date
from dates
where as_of_date <= {{ as_of_date() }}
group by all
