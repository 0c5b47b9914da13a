with open_charges as (
    select * from {{ ref('int_forecast__open_charges') }}
),

charges as (
    select * from {{ ref('int_forecast__charges') }}
),

curves as (
    select * from {{ ref('int_forecast__payment_curves') }}
),

origins as (
    select
        entity,
        origin_date
    from open_charges
    group by all
),

-- The last day of an interval cut where it should hold 80 of 100.
with_uncalibrated_end as (
    select
        open_charges.entity,
        open_charges.origin_date,
        open_charges.settled_known_date,
        open_charges.settled_date,
        open_charges.is_paid,
        open_charges.distance_from_middle,
        open_charges.due_date + curves.delay_days as latest_payment_date
    from open_charges
    asof inner join curves
        on
            open_charges.entity = curves.entity
            and open_charges.origin_date = curves.origin_date
            and open_charges.customer_id = curves.customer_id
            and open_charges.unpaid_share * 0.1 <= curves.unpaid_share
    where open_charges.never_paid_share < open_charges.unpaid_share * 0.2
),

-- What an origin can learn from the forecasts of earlier ones: those whose interval has ended.
tried as (
    select
        origins.entity,
        origins.origin_date,
        case
            when earlier.is_paid and earlier.settled_known_date <= origins.origin_date
                then earlier.distance_from_middle
            else 1
        end as distance_from_middle
    from origins
    inner join with_uncalibrated_end as earlier
        on
            origins.entity = earlier.entity
            and origins.origin_date > earlier.origin_date
            and origins.origin_date >= earlier.latest_payment_date
    where
        earlier.is_paid
        or earlier.settled_known_date is null
        or earlier.settled_date > earlier.latest_payment_date
),

mean_delays as (
    select
        origins.entity,
        origins.origin_date,
        cast(
            avg({{ counted_delay('charges.settled_date - charges.due_date') }}) as decimal(18, 1)
        ) as mean_delay_days
    from origins
    inner join charges
        on
            origins.entity = charges.entity
            and origins.origin_date >= charges.known_from_date
            and origins.origin_date < charges.known_until_date
    where
        charges.is_paid
        and charges.due_date
        > origins.origin_date - interval {{ var('payment_history_months') }} months
    group by all
),

levels as (
    select
        entity,
        origin_date,
        count(*) as tried_count,
        quantile_disc(distance_from_middle, 0.8) as covering_distance
    from tried
    group by all
)

select
    origins.entity,
    origins.origin_date,
    cast(
        case
            when levels.tried_count >= {{ var('calibration_charges') }}
                then least(greatest(levels.covering_distance, 0.5), 0.98)
            else 0.8
        end as decimal(9, 6)
    ) as interval_level,
    mean_delays.mean_delay_days
from origins
left join levels using (entity, origin_date)
left join mean_delays using (entity, origin_date)
