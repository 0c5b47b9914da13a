with charges as (
    select * from {{ ref('int_forecast__charges') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
    where as_of_date > {{ as_of_date() }} - interval {{ var('backtest_months') }} months
),

-- A charge is watched from its date until it is settled or, still open, until the origin.
watched as (
    select
        as_of_dates.entity,
        as_of_dates.as_of_date as origin_date,
        charges.segment,
        charges.customer_id,
        charges.settled_date is null as is_open,
        {{ counted_delay('charges.txn_date - charges.due_date') }} as first_delay_days,
        {{ counted_delay(
            'coalesce(charges.settled_date, as_of_dates.as_of_date) - charges.due_date'
        ) }} as last_delay_days,
        charges.is_paid
        and charges.settled_date - charges.due_date <= {{ var('longest_delay_days') }} as is_paid
    from as_of_dates
    inner join charges
        on
            as_of_dates.entity = charges.entity
            and as_of_dates.as_of_date >= charges.known_from_date
            and as_of_dates.as_of_date < charges.known_until_date
    where
        charges.settled_date is null
        or charges.due_date
        > as_of_dates.as_of_date - interval {{ var('payment_history_months') }} months
),

changes as (
    select
        entity,
        origin_date,
        segment,
        customer_id,
        first_delay_days as delay_days,
        1 as watched_change,
        0 as paid_count
    from watched
    union all by name
    select
        entity,
        origin_date,
        segment,
        customer_id,
        last_delay_days + 1 as delay_days,
        -1 as watched_change,
        0 as paid_count
    from watched
    union all by name
    select
        entity,
        origin_date,
        segment,
        customer_id,
        last_delay_days as delay_days,
        0 as watched_change,
        1 as paid_count
    from watched
    where is_paid
),

-- Null in segment or customer: all of them.
grouped_changes as (
    select
        entity,
        origin_date,
        segment,
        customer_id,
        delay_days,
        sum(watched_change) as watched_change,
        sum(paid_count) as paid_count
    from changes
    group by grouping sets (
        (entity, origin_date, delay_days),
        (entity, origin_date, segment, delay_days),
        (entity, origin_date, segment, customer_id, delay_days)
    )
),

payment_days as (
    select
        entity,
        origin_date,
        delay_days
    from grouped_changes
    where segment is null and paid_count > 0
),

customers_with_open_charges as (
    select
        entity,
        origin_date,
        segment,
        customer_id
    from watched
    where is_open
    group by all
),

groups as (
    select
        entity,
        origin_date,
        segment,
        customer_id
    from customers_with_open_charges
    group by grouping sets (
        (entity, origin_date),
        (entity, origin_date, segment),
        (entity, origin_date, segment, customer_id)
    )
),

points as (
    select
        grouped_changes.*,
        false as is_payment_day
    from grouped_changes
    semi join groups
        on
            grouped_changes.entity = groups.entity
            and grouped_changes.origin_date = groups.origin_date
            and grouped_changes.segment is not distinct from groups.segment
            and grouped_changes.customer_id is not distinct from groups.customer_id
    union all by name
    select
        entity,
        origin_date,
        groups.segment,
        groups.customer_id,
        payment_days.delay_days,
        0 as watched_change,
        0 as paid_count,
        true as is_payment_day
    from groups
    inner join payment_days using (entity, origin_date)
),

daily_points as (
    select
        entity,
        origin_date,
        segment,
        customer_id,
        delay_days,
        sum(watched_change) as watched_change,
        sum(paid_count) as paid_count,
        bool_or(is_payment_day) as is_payment_day
    from points
    group by all
),

counted as (
    select
        entity,
        origin_date,
        segment,
        customer_id,
        delay_days,
        sum(watched_change) over (
            partition by entity, origin_date, segment, customer_id
            order by delay_days
            rows between unbounded preceding and current row
        ) as watched_count,
        sum(paid_count) over (partition by entity, origin_date, segment, customer_id)
            as payment_count,
        paid_count
    from daily_points
    qualify is_payment_day
),

-- Each level counts its own charges and, as if it had seen a few more, the wider level's rate.
rated as (
    select
        of_customer.entity,
        of_customer.origin_date,
        of_customer.segment,
        of_customer.customer_id,
        of_customer.delay_days,
        (
            of_customer.paid_count + {{ var('pooled_charges') }} * (
                of_segment.paid_count
                + {{ var('pooled_charges') }} * of_company.paid_count / of_company.watched_count
            ) / (of_segment.watched_count + {{ var('pooled_charges') }})
        ) / (of_customer.watched_count + {{ var('pooled_charges') }}) as payment_rate,
        of_customer.payment_count as customer_payment_count,
        of_segment.payment_count as segment_payment_count,
        of_company.payment_count as company_payment_count
    from counted as of_customer
    inner join counted as of_segment
        on
            of_customer.entity = of_segment.entity
            and of_customer.origin_date = of_segment.origin_date
            and of_customer.segment = of_segment.segment
            and of_customer.delay_days = of_segment.delay_days
            and of_segment.customer_id is null
    inner join counted as of_company
        on
            of_customer.entity = of_company.entity
            and of_customer.origin_date = of_company.origin_date
            and of_customer.delay_days = of_company.delay_days
            and of_company.segment is null
    where of_customer.customer_id is not null
),

-- A product as a sum of logarithms; twelve decimals make equal shares equal on any machine.
unpaid as (
    select
        *,
        cast(
            exp(
                sum(ln(greatest(1 - payment_rate, 1e-9))) over (
                    partition by entity, origin_date, customer_id
                    order by delay_days
                    rows between unbounded preceding and current row
                )
            ) as decimal(18, 12)
        ) as unpaid_after_share
    from rated
),

shares as (
    select
        *,
        lag(unpaid_after_share, 1, 1) over (
            partition by entity, origin_date, customer_id
            order by delay_days
        ) as unpaid_before_share,
        min(unpaid_after_share) over (partition by entity, origin_date, customer_id)
            as never_paid_share
    from unpaid
)

select
    entity,
    origin_date,
    customer_id,
    delay_days,
    unpaid_before_share,
    cast((unpaid_before_share + unpaid_after_share) / 2 as decimal(18, 12)) as unpaid_share,
    unpaid_after_share,
    never_paid_share,
    cast(customer_payment_count as integer) as customer_payment_count,
    cast(segment_payment_count as integer) as segment_payment_count,
    cast(company_payment_count as integer) as company_payment_count
from shares
where unpaid_after_share < unpaid_before_share
