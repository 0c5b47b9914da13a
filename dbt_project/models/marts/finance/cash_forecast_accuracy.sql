{%- set horizons = [30, 60, 90] -%}
with forecasts as (
    select
        *,
        expected_payment_date - origin_date as expected_after_days
    from {{ ref('cash_forecast_backtest') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where is_cash and effective_date <= {{ as_of_date() }}
),

cash as (
    select
        forecasts.entity,
        forecasts.origin_date,
        applications.effective_date - forecasts.origin_date as after_days,
        {{ money_in_home('applications.applied_amount', 'documents.exchange_rate') }}
            as amount_home
    from forecasts
    inner join documents using (entity, document_type, document_id)
    inner join applications
        on
            forecasts.entity = applications.entity
            and forecasts.document_type = applications.target_document_type
            and forecasts.document_id = applications.target_document_id
            and forecasts.origin_date < applications.effective_date
),

collected as (
    select
        {% for days in horizons %}
            sum(amount_home) filter (where after_days <= {{ days }}) as collected_{{ days }},
        {% endfor %}
        entity,
        origin_date
    from cash
    group by all
),

by_origin as (
    select
        {% for days in horizons %}
            sum(expected_amount_home) filter (where expected_after_days <= {{ days }})
                as expected_{{ days }},
        {% endfor %}
        entity,
        origin_date,
        count(*) as item_count,
        count(*) filter (where interval_outcome = 'covered') as covered_count,
        count(*) filter (where interval_outcome in ('covered', 'too_early', 'too_late'))
            as judged_count,
        count(error_days) as error_count,
        sum(error_days * error_days) as squared_error,
        sum(due_date_error_days * due_date_error_days) as due_date_squared_error,
        sum(mean_delay_error_days * mean_delay_error_days) as mean_delay_squared_error
    from forecasts
    group by all
),

-- A horizon that has not ended says nothing yet.
compared as (
    select
        {% for days in horizons %}
            case
                when by_origin.origin_date + {{ days }} <= {{ as_of_date() }}
                    then coalesce(by_origin.expected_{{ days }}, 0)
            end as expected_{{ days }},
            case
                when by_origin.origin_date + {{ days }} <= {{ as_of_date() }}
                    then coalesce(collected.collected_{{ days }}, 0)
            end as collected_{{ days }},
        {% endfor %}
        by_origin.entity,
        by_origin.origin_date,
        by_origin.item_count,
        by_origin.covered_count,
        by_origin.judged_count,
        by_origin.error_count,
        by_origin.squared_error,
        by_origin.due_date_squared_error,
        by_origin.mean_delay_squared_error
    from by_origin
    left join collected using (entity, origin_date)
),

summed as (
    select
        {% for days in horizons %}
            sum(expected_{{ days }}) as expected_{{ days }},
            sum(collected_{{ days }}) as collected_{{ days }},
            sum(abs(expected_{{ days }} - collected_{{ days }})) as difference_{{ days }},
        {% endfor %}
        entity,
        origin_date,
        sum(item_count) as item_count,
        sum(judged_count) as judged_count,
        sum(covered_count) as covered_count,
        sum(error_count) as error_count,
        sum(squared_error) as squared_error,
        sum(due_date_squared_error) as due_date_squared_error,
        sum(mean_delay_squared_error) as mean_delay_squared_error
    from compared
    group by grouping sets ((entity, origin_date), (entity))
)

select
    entity,
    origin_date,
    cast(item_count as integer) as item_count,
    cast(judged_count as integer) as judged_count,
    cast(100 * covered_count / nullif(judged_count, 0) as decimal(18, 1)) as coverage_percent,
    cast(error_count as integer) as error_count,
    cast(sqrt(squared_error / nullif(error_count, 0)) as decimal(18, 1)) as rmse_days,
    cast(sqrt(due_date_squared_error / nullif(error_count, 0)) as decimal(18, 1))
        as due_date_rmse_days,
    cast(sqrt(mean_delay_squared_error / nullif(error_count, 0)) as decimal(18, 1))
        as mean_delay_rmse_days,
    {% for days in horizons %}
        cast(expected_{{ days }} as decimal(18, 2)) as expected_{{ days }}_days_home,
        cast(collected_{{ days }} as decimal(18, 2)) as collected_{{ days }}_days_home,
        cast(100 * difference_{{ days }} / nullif(collected_{{ days }}, 0) as decimal(18, 1))
            as wape_{{ days }}_days_percent,
        cast(
            100 * (expected_{{ days }} - collected_{{ days }})
            / nullif(collected_{{ days }}, 0) as decimal(18, 1)
        ) as bias_{{ days }}_days_percent,
    {% endfor %}
    case
        when judged_count = 0 then 'no interval has ended yet'
        when error_count = 0 then 'no horizon has ended yet'
    end as reason
from summed
