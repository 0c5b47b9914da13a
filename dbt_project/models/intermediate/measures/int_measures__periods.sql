with entities as (
    select * from {{ ref('int_thread__entities') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

readings as (
    {% for system in ['quickbooks', 'salesforce'] %}
        select
            entity,
            extracted_at,
            time_zone
        from {{ ref('stg_' ~ system ~ '__extractions') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

beginnings as (
    select
        entity,
        'month' as grain,
        txn_date as first_date
    from documents
    union all
    select
        entity,
        'month' as grain,
        cast(timezone(entities.time_zone, deals.created_at) as date) as first_date
    from deals
    inner join entities using (entity)
    union all
    select
        entity,
        'week' as grain,
        cast(timezone(time_zone, extracted_at) as date) as first_date
    from readings
),

first_dates as (
    select
        entity,
        grain,
        min(first_date) as first_date
    from beginnings
    group by all
),

periods as (
    select
        entity,
        grain,
        cast(
            unnest(
                generate_series(
                    date_trunc(grain, first_date),
                    cast({{ as_of_date() }} as timestamp),
                    if(grain = 'month', interval 1 month, interval 7 days)
                )
            ) as date
        ) as period
    from first_dates
)

select
    entity,
    grain,
    period,
    if(grain = 'month', last_day(period), period + 6) as last_date
from periods
where if(grain = 'month', last_day(period), period + 6) <= {{ as_of_date() }}
