{%- set dimensions = ['segment', 'rep', 'lead_source'] -%}

with bridge as (
    select * from {{ ref('int_bridge__pipeline_to_bookings') }}
    where category in ('opening', 'closing')
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

deal_states as (
    select * from {{ ref('int_crm__deal_states') }}
),

stages as (
    select * from {{ ref('int_crm__stages') }}
),

placed as (
    select
        bridge.entity,
        bridge.month as period,
        bridge.category,
        bridge.amount_home,
        deals.crm_entity,
        deals.deal_id,
        {% for dimension in dimensions %}
            deals.{{ dimension }},
        {% endfor %}
        timezone(entities.time_zone, cast(bridge.month as timestamp)) as month_began_at
    from bridge
    inner join deals on bridge.entity = deals.entity and bridge.deal_id = deals.deal_id
    inner join entities on bridge.entity = entities.entity
),

-- How likely a deal was is what its stage says, and that is known only where its history is.
weighted as (
    select
        placed.entity,
        placed.period,
        {% for dimension in dimensions %}
            placed.{{ dimension }},
        {% endfor %}
        case
            when placed.category = 'opening'
                then cast(
                    round(placed.amount_home * stages.probability_percent / 100, 2)
                    as decimal(18, 2)
                )
            else 0
        end as weighted_home,
        if(placed.category = 'closing', placed.amount_home, 0) as booked_home,
        coalesce(
            placed.category = 'closing'
            or stages.probability_percent is not null and states.evidence <> 'present',
            false
        ) as is_known
    from placed
    asof left join deal_states as states
        on
            placed.crm_entity = states.crm_entity
            and placed.deal_id = states.deal_id
            and placed.month_began_at > states.valid_from
    left join stages
        on placed.crm_entity = stages.crm_entity and states.stage = stages.stage
),

forecasts as (
    select
        entity,
        period,
        {{ dimension_and_segment(dimensions) }},
        if(bool_and(is_known), cast(sum(weighted_home) as decimal(18, 2)), null) as weighted_home,
        cast(sum(booked_home) as decimal(18, 2)) as booked_home
    from weighted
    group by {{ whole_and_members(dimensions) }}
),

measured as (
    select
        entity,
        period,
        dimension,
        segment,
        'weighted_pipeline' as measure,
        weighted_home as value,
        cast(null as decimal(18, 2)) as numerator,
        cast(null as decimal(18, 2)) as denominator,
        {{ reason({'weighted_home is null': 'it is not known in which stage some deals were'}) }}
            as reason
    from forecasts
    {% for measure, difference in {
        'wape': 'abs(weighted_home - booked_home)', 'bias': 'weighted_home - booked_home',
    }.items() %}
        union all
        select
            entity,
            period,
            dimension,
            segment,
            'pipeline_forecast_{{ measure }}' as measure,
            {{ percentage('(' ~ difference ~ ')', 'booked_home') }} as value,
            {{ difference }} as numerator,
            booked_home as denominator,
            {{ reason({
                'weighted_home is null': 'it is not known in which stage some deals were'
            }) }} as reason
        from forecasts
    {% endfor %}
)

select * from measured
