{%- set for_ever = "timestamptz '9999-12-31 00:00:00+00'" -%}
with versions as (
    select * from {{ ref('stg_salesforce__opportunity_versions') }}
),

history as (
    select * from {{ ref('stg_salesforce__opportunity_history') }}
),

-- A stage's outcome is what most records of that name say; history itself does not tell it.
stage_outcomes as (
    select
        entity,
        stage_name,
        mode({{ deal_outcome('is_closed', 'is_won') }} order by version) as outcome
    from versions
    where stage_name is not null
    group by all
),

from_versions as (
    select
        entity,
        opportunity_id,
        {{ version_moment('opportunity_id') }} as seen_at,
        'version' as evidence,
        2 as precedence,
        lpad(cast(version as varchar), 10, '0') as event_order,
        stage_name,
        {{ deal_outcome('is_closed', 'is_won') }} as outcome,
        currency,
        amount,
        close_date,
        is_deleted
    from versions
),

from_history as (
    select
        history.entity,
        history.opportunity_id,
        history.created_at as seen_at,
        'history' as evidence,
        1 as precedence,
        history.opportunity_history_id as event_order,
        history.stage_name,
        coalesce(
            stage_outcomes.outcome,
            case history.forecast_category
                when 'Closed' then 'won' when 'Omitted' then 'lost' else 'open'
            end
        ) as outcome,
        history.currency,
        history.amount,
        history.close_date,
        false as is_deleted
    from history
    left join stage_outcomes using (entity, stage_name)
),

seen as (
    select * from from_versions
    union all by name
    select * from from_history
),

-- Of several at one moment the last one counts.
last_of_moment as (
    select *
    from seen
    qualify row_number() over (
        partition by entity, opportunity_id, seen_at order by precedence desc, event_order desc
    ) = 1
),

created as (
    select
        entity,
        opportunity_id,
        min(created_at) as created_at
    from versions
    group by all
),

first_seen as (
    select *
    from last_of_moment
    qualify row_number() over (partition by entity, opportunity_id order by seen_at) = 1
),

-- Before the first thing that is known, a deal counts as open with the amount known first.
unseen_beginnings as (
    select
        first_seen.* replace (
            created.created_at as seen_at,
            'present' as evidence,
            'open' as outcome,
            false as is_deleted
        )
    from first_seen
    inner join created using (entity, opportunity_id)
    where created.created_at < first_seen.seen_at
),

states as (
    select * from last_of_moment
    union all by name
    select * from unseen_beginnings
)

select
    'salesforce' as crm_system,
    entity as crm_entity,
    opportunity_id as deal_id,
    stage_name as stage,
    outcome,
    evidence,
    currency,
    amount,
    is_deleted,
    close_date,
    seen_at as valid_from,
    lead(seen_at, 1, {{ for_ever }}) over (
        partition by entity, opportunity_id order by seen_at
    ) as valid_until
from states
