with payment_dates as (
    select * from {{ ref('int_forecast__payment_dates') }}
    where not is_run_date
),

beside_baselines as (
    select
        *,
        -- A baseline that has already passed means tomorrow.
        greatest(due_date, origin_date + 1) as due_date_forecast,
        greatest(
            due_date + cast(round(coalesce(mean_delay_days, 0)) as integer), origin_date + 1
        ) as mean_delay_forecast,
        origin_date + {{ var('error_days_max') }} as error_horizon_date
    from payment_dates
),

-- Past the horizon one day is as far off as another, so that unpaid charges count like late ones.
capped as (
    select
        *,
        least(
            case when is_paid then settled_date else error_horizon_date end, error_horizon_date
        ) as capped_payment_date,
        error_horizon_date <= {{ as_of_date() }}
        and (settled_date is null or is_paid or settled_date > error_horizon_date)
            as has_error
    from beside_baselines
)

select
    entity,
    origin_date,
    document_type,
    document_id,
    customer_id,
    segment,
    due_date,
    currency,
    open_amount,
    {{ money_in_home('open_amount', 'exchange_rate') }} as open_amount_home,
    expected_payment_date,
    earliest_payment_date,
    latest_payment_date,
    expected_amount,
    {{ money_in_home('expected_amount', 'exchange_rate') }} as expected_amount_home,
    interval_level,
    settled_date,
    case
        when settled_date is null then 'open'
        when is_paid then 'paid'
        else 'settled_otherwise'
    end as outcome,
    case
        when latest_payment_date is null then 'no_end'
        when latest_payment_date > {{ as_of_date() }} then 'not_ended'
        when not is_paid and settled_date <= latest_payment_date then 'settled_otherwise'
        when settled_date < earliest_payment_date then 'too_early'
        when coalesce(settled_date > latest_payment_date, true) then 'too_late'
        else 'covered'
    end as interval_outcome,
    {% for column, forecast in {
        'error_days': 'coalesce(expected_payment_date, error_horizon_date)',
        'due_date_error_days': 'due_date_forecast',
        'mean_delay_error_days': 'mean_delay_forecast',
    }.items() %}
        cast(
            case
                when has_error
                    then capped_payment_date - least({{ forecast }}, error_horizon_date)
            end as integer
        ) as {{ column }}{% if not loop.last %},{% endif %}
    {% endfor %}
from capped
