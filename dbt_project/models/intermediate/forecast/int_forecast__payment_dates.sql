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
        levels.mean_delay_days,
        open_charges.unpaid_share * (1 + levels.interval_level) / 2 as share_at_earliest,
        open_charges.unpaid_share / 2 as share_at_expected,
        open_charges.unpaid_share * (1 - levels.interval_level) / 2 as share_at_latest
    from open_charges
    inner join levels using (entity, origin_date)
)

select
    cut.entity,
    cut.origin_date,
    cut.is_run_date,
    cut.document_type,
    cut.document_id,
    cut.document_number,
    cut.customer_id,
    cut.segment,
    cut.currency,
    cut.exchange_rate,
    cut.open_amount,
    cut.txn_date,
    cut.due_date,
    cut.due_date + earliest.delay_days as earliest_payment_date,
    cut.due_date + expected.delay_days as expected_payment_date,
    case
        when cut.never_paid_share < 2 * cut.share_at_latest then cut.due_date + latest.delay_days
    end as latest_payment_date,
    cast(
        cut.open_amount * (1 - cut.never_paid_share / cut.unpaid_share) as decimal(18, 2)
    ) as expected_amount,
    cut.customer_payment_count,
    cut.segment_payment_count,
    cut.company_payment_count,
    case
        when cut.company_payment_count = 0 then 'no payment is known yet'
        when cut.delay_days >= {{ var('longest_delay_days') }}
            then 'more than {{ var("longest_delay_days") }} days past due'
        when expected.delay_days is null then 'more than half of the like were never paid'
        when cut.never_paid_share >= 2 * cut.share_at_latest
            then 'too many of the like were never paid to name a latest date'
    end as reason,
    cut.interval_level,
    cut.mean_delay_days,
    cut.settled_date,
    cut.is_paid
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
