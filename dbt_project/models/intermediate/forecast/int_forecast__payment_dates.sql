with open_charges as (
    select * from {{ ref('int_forecast__open_charges') }}
),

levels as (
    select * from {{ ref('int_forecast__interval_levels') }}
),

curves as (
    select * from {{ ref('int_forecast__payment_curves') }}
),

-- The shares still unpaid at which the interval begins, is half through, and ends.
cut as (
    select
        open_charges.*,
        levels.interval_level,
        open_charges.unpaid_share * (1 + levels.interval_level) / 2 as share_at_earliest,
        open_charges.unpaid_share / 2 as share_at_expected,
        open_charges.unpaid_share * (1 - levels.interval_level) / 2 as share_at_latest,
        open_charges.delay_days < {{ var('longest_delay_days') }}
        and open_charges.never_paid_share is not null as is_within_experience
    from open_charges
    inner join levels using (entity, origin_date)
),

looked_up as (
    select
        cut.*,
        case when cut.is_within_experience and cut.never_paid_share < cut.share_at_earliest then cut.due_date + earliest.delay_days end as earliest_payment_date,
        case when cut.is_within_experience then cut.due_date + expected.delay_days end
            as expected_payment_date,
        case
            when cut.is_within_experience and cut.never_paid_share < 2 * cut.share_at_latest
                then cut.due_date + latest.delay_days
        end as latest_payment_date
    from cut
    asof left join curves as earliest
        on
            cut.entity = earliest.entity
            and cut.origin_date = earliest.origin_date
            and cut.customer_id = earliest.customer_id
            and cut.share_at_earliest >= earliest.unpaid_share
    asof left join curves as expected
        on
            cut.entity = expected.entity
            and cut.origin_date = expected.origin_date
            and cut.customer_id = expected.customer_id
            and cut.share_at_expected >= expected.unpaid_after_share
    asof left join curves as latest
        on
            cut.entity = latest.entity
            and cut.origin_date = latest.origin_date
            and cut.customer_id = latest.customer_id
            and cut.share_at_latest <= latest.unpaid_share
)

select * from looked_up
