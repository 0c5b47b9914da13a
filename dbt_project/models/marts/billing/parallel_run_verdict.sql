{%- set policy = var('billing')['parallel_run'] -%}
with compared as (
    select * from {{ ref('parallel_run') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

differing as (
    select
        entity,
        billing_key,
        unnest(string_split(reasons, ', ')) as reason_code
    from compared
    where reasons is not null
),

reasons as (
    select
        entity,
        reason_code,
        count(distinct billing_key) as units_count
    from differing
    group by all
),

told_reasons as (
    select
        entity,
        string_agg(reason_code || ' ' || units_count, ', ' order by -units_count, reason_code)
            as reasons
    from reasons
    group by entity
),

units as (
    select
        entity,
        billing_key,
        bool_and(verdict = 'matched') as is_alike
    from compared
    group by all
),

counted as (
    select
        entities.entity,
        count(units.billing_key) as units_compared,
        count(units.billing_key) filter (where units.is_alike) as units_alike
    from entities
    left join units using (entity)
    group by all
),

judged as (
    select
        counted.*,
        told_reasons.reasons,
        {{ percentage('counted.units_alike', 'counted.units_compared') }} as alike_percent
    from counted
    left join told_reasons using (entity)
)

select
    entity,
    cast(units_compared as integer) as units_compared,
    cast(units_alike as integer) as units_alike,
    cast(units_compared - units_alike as integer) as units_differing,
    alike_percent,
    reasons,
    units_compared >= {{ policy['units_min'] }}
    and coalesce(alike_percent >= {{ policy['alike_percent_min'] }}, false) as is_ready,
    case
        when units_compared < {{ policy['units_min'] }}
            then
                units_compared || ' units can be compared; it takes {{ policy["units_min"] }}.'
        else
            units_alike || ' of ' || units_compared || ' units are alike (' || alike_percent
            || ' %); it takes {{ policy["alike_percent_min"] }} %.'
            || coalesce(' Units that differ by: ' || reasons || '.', '')
    end as reason
from judged
