with service_lines as (
    select * from {{ ref('int_deferral__service_lines') }}
    where txn_date <= {{ as_of_date() }}
),

-- What was earned before it was billed is earned in the month of the bill.
line_months as (
    select
        *,
        cast(date_trunc('month', txn_date) as date) as billed_month,
        unnest(
            generate_series(
                date_trunc('month', txn_date),
                date_trunc('month', greatest(ends_on, txn_date)),
                interval 1 month
            )
        ) as month_start
    from service_lines
),

monthly as (
    select
        entity,
        cast(month_start as date) as month,
        case when month_start = billed_month then amount_home else 0 end as billed_home,
        {{ released_through('last_day(month_start)') }}
        - case
            when month_start = billed_month then 0
            else {{ released_through('(cast(month_start as date) - 1)') }}
        end as released_home
    from line_months
),

moved as (
    select
        entity,
        month,
        sum(billed_home) as billed_home,
        sum(released_home) as released_home
    from monthly
    group by all
),

months as (
    select
        entity,
        cast(unnest(generate_series(min(month), max(month), interval 1 month)) as date) as month
    from moved
    group by entity
)

select
    entity,
    months.month,
    cast(coalesce(moved.billed_home, 0) as decimal(18, 2)) as billed_home,
    cast(coalesce(moved.released_home, 0) as decimal(18, 2)) as released_home,
    cast(
        sum(coalesce(moved.billed_home, 0) - coalesce(moved.released_home, 0)) over (
            partition by entity
            order by months.month
            rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as balance_home,
    months.month > {{ as_of_date() }} as is_scheduled
from months
left join moved using (entity, month)
