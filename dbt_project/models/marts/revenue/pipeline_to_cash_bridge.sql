with contributions as (
    select * from {{ ref('bridge_contributions') }}
),

categories as (
    select * from {{ ref('int_bridge__categories') }}
),

months as (
    select
        entity,
        cast(
            unnest(generate_series(
                min(month), date_trunc('month', {{ as_of_date() }}), interval 1 month
            )) as date
        ) as month
    from contributions
    group by entity
),

summed as (
    select
        entity,
        month,
        section,
        category,
        sum(amount_home) as amount_home
    from contributions
    group by all
),

explained as (
    select
        months.entity,
        months.month,
        categories.section,
        categories.category,
        categories.rollup,
        categories.position,
        cast(coalesce(summed.amount_home, 0) as decimal(18, 2)) as amount_home
    from months
    cross join categories
    left join summed using (entity, month, section, category)
),

unexplained as (
    select
        entity,
        month,
        section,
        'unexplained' as category,
        cast(null as varchar) as rollup,
        max(position) as position,
        cast(
            sum(case when category = 'closing' then amount_home else -amount_home end)
            as decimal(18, 2)
        ) as amount_home
    from explained
    group by entity, month, section
),

unioned as (
    select * from explained
    union all by name
    select * from unexplained
)

select
    entity,
    month,
    section,
    category,
    rollup,
    cast(row_number() over (
        partition by entity, month order by position, category = 'closing'
    ) as integer) as position,
    amount_home,
    last_day(month) <= {{ as_of_date() }} as is_complete
from unioned
