with deals as (
    select * from {{ ref('int_thread__deals') }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

deal_states as (
    select * from {{ ref('int_crm__deal_states') }}
),

beginnings as (
    select
        crm_entity,
        deal_id,
        min(valid_from) as began_at,
        max(valid_until) filter (where not is_deleted) as last_seen_until
    from deal_states
    group by all
),

lives as (
    select
        deals.entity,
        deals.crm_entity,
        deals.deal_id,
        deals.currency,
        entities.time_zone,
        deals.won_date is not null and not deals.is_deleted as is_booked,
        cast(timezone(entities.time_zone, beginnings.began_at) as date) as began_date,
        least(
            case when not deals.is_open then deals.close_date end,
            case
                when deals.is_deleted
                    then cast(
                        timezone(
                            entities.time_zone,
                            coalesce(beginnings.last_seen_until, beginnings.began_at)
                        ) as date
                    )
            end
        ) as ended_date
    from deals
    inner join entities using (entity)
    inner join beginnings using (crm_entity, deal_id)
),

-- A deal won before it was entered lives in the month of its close date alone.
spans as (
    select
        *,
        coalesce(ended_date <= {{ as_of_date() }}, false) as has_ended,
        date_trunc('month', if(is_booked, least(began_date, ended_date), began_date))
            as first_month,
        date_trunc('month', least(ended_date, {{ as_of_date() }})) as last_month
    from lives
),

months as (
    select
        *,
        cast(unnest(generate_series(first_month, last_month, interval 1 month)) as date) as month
    from spans
),

starts as (
    select
        *,
        timezone(time_zone, cast(month as timestamp)) as starts_at
    from months
),

-- Closed for a date that is still to come is open until then.
at_the_start as (
    select
        starts.entity,
        starts.crm_entity,
        starts.deal_id,
        starts.month,
        starts.starts_at,
        starts.is_booked,
        starts.has_ended and starts.month = starts.last_month as is_last,
        states.evidence,
        states.outcome,
        coalesce(states.is_deleted, false) as was_deleted,
        coalesce(
            not states.is_deleted
            and (states.outcome = 'open' or states.close_date >= starts.month),
            false
        ) as was_open,
        states.close_date as expected_date,
        coalesce(states.amount, 0) as amount,
        coalesce(states.currency, starts.currency) as currency
    from starts
    asof left join deal_states as states
        on
            starts.crm_entity = states.crm_entity
            and starts.deal_id = states.deal_id
            and starts.starts_at > states.valid_from
)

select
    entity,
    crm_entity,
    deal_id,
    month,
    starts_at,
    evidence,
    was_open,
    coalesce(was_open and expected_date <= last_day(month), false) as was_expected,
    expected_date,
    amount,
    currency,
    case
        when is_last then if(is_booked, 'won', 'lost')
        -- What was lost or deleted by the month's end and came back later was lost for then.
        when lead(was_deleted or (outcome = 'lost' and not was_open)) over (
            partition by entity, deal_id order by month
        ) then 'lost'
        else 'open'
    end as month_outcome
from at_the_start
