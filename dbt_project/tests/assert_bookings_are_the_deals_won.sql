with booked as (
    select
        entity,
        month,
        sum(amount_home) as booked_home
    from {{ ref('int_bridge__pipeline_to_bookings') }}
    where category = 'closing'
    group by all
),

won as (
    select
        entity,
        cast(date_trunc('month', close_date) as date) as month,
        sum({{ money_in_home('amount', 'booked_rate') }}) as won_home
    from {{ ref('int_thread__deals') }}
    where is_won and not is_deleted and close_date <= {{ as_of_date() }}
    group by all
)

select
    entity,
    month,
    won.won_home,
    booked.booked_home
from won
full join booked using (entity, month)
where coalesce(won.won_home, 0) <> coalesce(booked.booked_home, 0)
