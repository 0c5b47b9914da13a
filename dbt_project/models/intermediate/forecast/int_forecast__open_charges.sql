with charges as (
    select * from {{ ref('int_forecast__charges') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
    where as_of_date > {{ as_of_date() }} - interval {{ var('backtest_months') }} months
),

curves as (
    select * from {{ ref('int_forecast__payment_curves') }}
),

outcomes as (
    select
        entity,
        document_type,
        document_id,
        settled_date,
        known_from_date as settled_known_date,
        is_paid
    from charges
    where
        settled_date is not null
        and known_until_date = date '9999-12-31'
        and known_from_date <= {{ as_of_date() }}
),

open_at_origins as (
    select
        charges.entity,
        as_of_dates.as_of_date as origin_date,
        as_of_dates.is_run_date,
        charges.document_type,
        charges.document_id,
        charges.document_number,
        charges.customer_id,
        charges.segment,
        charges.currency,
        charges.exchange_rate,
        charges.open_amount,
        charges.txn_date,
        charges.due_date,
        {{ counted_delay('as_of_dates.as_of_date - charges.due_date') }} as delay_days,
        outcomes.settled_date,
        outcomes.settled_known_date,
        coalesce(outcomes.is_paid, false) as is_paid,
        {{ counted_delay('outcomes.settled_date - charges.due_date') }} as settled_delay_days
    from as_of_dates
    inner join charges
        on
            as_of_dates.entity = charges.entity
            and as_of_dates.as_of_date >= charges.known_from_date
            and as_of_dates.as_of_date < charges.known_until_date
    left join outcomes
        on
            charges.entity = outcomes.entity
            and charges.document_type = outcomes.document_type
            and charges.document_id = outcomes.document_id
    where charges.settled_date is null
),

customer_curves as (
    select
        entity,
        origin_date,
        customer_id,
        any_value(never_paid_share) as never_paid_share,
        any_value(customer_payment_count) as customer_payment_count,
        any_value(segment_payment_count) as segment_payment_count,
        any_value(company_payment_count) as company_payment_count
    from curves
    group by all
),

-- Where the charge stands on its customer's curve at the origin, and where it stood when settled.
placed as (
    select
        open_at_origins.*,
        coalesce(at_origin.unpaid_after_share, 1) as unpaid_share,
        case
            when open_at_origins.settled_delay_days <= open_at_origins.delay_days
                then coalesce(at_origin.unpaid_after_share, 1)
            when at_settlement.delay_days = open_at_origins.settled_delay_days
                then at_settlement.unpaid_share
            else coalesce(at_settlement.unpaid_after_share, 1)
        end as unpaid_share_at_settlement,
        customer_curves.never_paid_share,
        coalesce(customer_curves.customer_payment_count, 0) as customer_payment_count,
        coalesce(customer_curves.segment_payment_count, 0) as segment_payment_count,
        coalesce(customer_curves.company_payment_count, 0) as company_payment_count
    from open_at_origins
    left join customer_curves using (entity, origin_date, customer_id)
    asof left join curves as at_origin
        on
            open_at_origins.entity = at_origin.entity
            and open_at_origins.origin_date = at_origin.origin_date
            and open_at_origins.customer_id = at_origin.customer_id
            and open_at_origins.delay_days >= at_origin.delay_days
    asof left join curves as at_settlement
        on
            open_at_origins.entity = at_settlement.entity
            and open_at_origins.origin_date = at_settlement.origin_date
            and open_at_origins.customer_id = at_settlement.customer_id
            and open_at_origins.settled_delay_days >= at_settlement.delay_days
)

select
    *,
    -- 0 in the middle of what was expected, 1 at its ends.
    cast(abs(1 - 2 * unpaid_share_at_settlement / unpaid_share) as decimal(9, 6))
        as distance_from_middle
from placed
