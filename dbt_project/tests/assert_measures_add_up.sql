with measures as (
    select * from {{ ref('operational_measures') }}
),

catalogue as (
    select * from {{ ref('int_measures__catalogue') }}
),

bookings as (
    select
        entity,
        month as period,
        sum(amount_home) as booked_home
    from {{ ref('int_bridge__pipeline_to_bookings') }}
    where category = 'closing'
    group by all
),

wholes as (
    select
        measures.*,
        catalogue.is_sum
    from measures
    inner join catalogue using (measure)
    where measures.dimension = 'segment' and measures.segment = 'all'
),

parts as (
    select
        entity,
        period,
        dimension,
        measure,
        sum(value) as value,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from measures
    where dimension <> 'segment' or segment <> 'all'
    group by all
)

select
    wholes.entity,
    wholes.period,
    wholes.measure,
    parts.dimension,
    wholes.value as whole,
    parts.value as parts
from wholes
inner join parts using (entity, period, measure)
where wholes.is_sum and wholes.value <> parts.value
union all
select
    wholes.entity,
    wholes.period,
    wholes.measure,
    parts.dimension,
    wholes.numerator as whole,
    parts.numerator as parts
from wholes
inner join parts using (entity, period, measure)
-- Distances of parts are not the distance of the whole.
where wholes.measure <> 'pipeline_forecast_wape' and wholes.numerator <> parts.numerator
union all
select
    wholes.entity,
    wholes.period,
    wholes.measure,
    parts.dimension,
    wholes.denominator as whole,
    parts.denominator as parts
from wholes
inner join parts using (entity, period, measure)
-- Each bucket stands beside all receivables.
where parts.dimension <> 'bucket' and wholes.denominator <> parts.denominator
union all
select
    wholes.entity,
    wholes.period,
    wholes.measure,
    'bridge' as dimension,
    wholes.value as whole,
    bookings.booked_home as parts
from wholes
left join bookings using (entity, period)
where wholes.measure = 'bookings' and wholes.value <> coalesce(bookings.booked_home, 0)
