with deals as (
    select * from {{ ref('int_thread__deals') }}
    where not is_deleted
),

movements as (
    select * from {{ ref('int_bridge__backlog_movements') }}
),

contributions as (
    select * from {{ ref('int_bridge__bookings_to_billings') }}
    where category in ('to_backlog', 'from_backlog')
),

-- What was booked and what has left, in the deal's currency, valued only as a sum.
changes as (
    select
        entity,
        deal_id,
        cast(date_trunc('month', won_date) as date) as month,
        amount as booked_amount,
        0 as left_amount
    from deals
    where won_date is not null
    union all
    select
        entity,
        deal_id,
        cast(date_trunc('month', movement_date) as date) as month,
        0 as booked_amount,
        from_backlog_amount as left_amount
    from movements
),

monthly as (
    select
        entity,
        deal_id,
        month,
        sum(booked_amount) as booked_amount,
        sum(left_amount) as left_amount
    from changes
    group by all
),

so_far as (
    select
        monthly.entity,
        monthly.deal_id,
        monthly.month,
        deals.booked_rate,
        cast(sum(monthly.booked_amount) over by_month as decimal(18, 2)) as booked_amount,
        cast(sum(monthly.left_amount) over by_month as decimal(18, 2)) as left_amount
    from monthly
    left join deals using (entity, deal_id)
    window by_month as (
        partition by monthly.entity, monthly.deal_id order by monthly.month
    )
),

backlog as (
    select
        entity,
        deal_id,
        month,
        {{ money_in_home('booked_amount', 'booked_rate') }}
        - {{ money_in_home('left_amount', 'booked_rate') }} as backlog_home
    from so_far
),

backlog_changes as (
    select
        entity,
        deal_id,
        month,
        backlog_home - lag(backlog_home, 1, 0) over (
            partition by entity, deal_id order by month
        ) as change_home
    from backlog
),

bridged as (
    select
        entity,
        deal_id,
        month,
        -sum(amount_home) as change_home
    from contributions
    group by all
)

select
    entity,
    deal_id,
    month,
    backlog_changes.change_home as expected,
    bridged.change_home as found
from backlog_changes
full join bridged using (entity, deal_id, month)
where coalesce(backlog_changes.change_home, 0) <> coalesce(bridged.change_home, 0)
