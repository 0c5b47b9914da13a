{%- set families = [
    'cycle_times', 'billing_quality', 'deal_completeness', 'backlog', 'pipeline_forecast',
    'margins', 'automation', 'undeposited_funds',
] -%}

with catalogue as (
    select * from {{ ref('int_measures__catalogue') }}
),

goals as (
    select * from {{ ref('int_measures__goals') }}
),

periods as (
    select * from {{ ref('int_measures__periods') }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

organisations as (
    select * from {{ ref('int_crm__organisations') }}
),

collections as (
    select * from {{ ref('collections') }}
),

ageing_shift as (
    select * from {{ ref('ageing_shift') }}
),

forecast_accuracy as (
    select * from {{ ref('cash_forecast_accuracy') }}
    where origin_date is not null
),

exceptions as (
    select * from {{ ref('exceptions') }}
),

customers_entered as (
    select
        entity,
        week as period,
        duplicates_count as numerator,
        records_count as denominator
    from {{ ref('duplicate_creation') }}
    where system = 'quickbooks'
),

{% for what, part, whole in [
    ('amount', 'collected_within_terms_home', 'fell_due_home'),
    ('count', 'collected_within_terms_count', 'fell_due_count'),
] %}
    due_by_{{ what }} as (
        select
            entity,
            cast(date_trunc('month', month_end) as date) as period,
            segment,
            {{ part }} as numerator,
            {{ whole }} as denominator
        from collections
        where fell_due_count > 0
    ),

{% endfor %}
{% for what in ['sales', 'ar'] %}
    {{ what }}_of_customers as (
        select
            entity,
            cast(date_trunc('month', month_end) as date) as period,
            customer_id,
            {{ what }}_home as amount
        from collections
    ),

{% endfor %}
aged as (
    select
        entity,
        cast(date_trunc('month', month_end) as date) as period,
        segment,
        if(bucket = 'current', 0, amount_home) as numerator,
        amount_home as denominator
    from ageing_shift
    where segment <> 'all'
),

past_due_buckets as (
    select
        entity,
        cast(date_trunc('month', month_end) as date) as period,
        bucket,
        amount_home,
        cast(sum(amount_home) over (partition by entity, month_end) as decimal(18, 2))
            as ar_home
    from ageing_shift
    where segment = 'all'
),

rolled as (
    select
        entity,
        cast(date_trunc('month', month_end) as date) as period,
        segment,
        bucket,
        rolled_out_home as numerator,
        opening_charges_home as denominator
    from ageing_shift
    where segment <> 'all'
),

seen as (
    select
        exceptions.entity,
        cast(
            date_trunc(
                'week',
                timezone(
                    coalesce(entities.time_zone, organisations.time_zone, 'UTC'),
                    exceptions.first_seen_at
                )
            ) as date
        ) as period,
        exceptions.type as exception_type,
        exceptions.root_cause
    from exceptions
    left join entities using (entity)
    left join organisations on exceptions.entity = organisations.crm_entity
),

from_marts as (
    {% for what in ['amount', 'count'] %}
        {{ measured_shares('collected_within_terms_' ~ what, 'due_by_' ~ what, ['segment']) }}
        union all by name
    {% endfor %}
    {% for what in ['sales', 'ar'] %}
        {{ measured_concentration(what ~ '_concentration', what ~ '_of_customers') }}
        union all by name
    {% endfor %}
    {{ measured_shares('past_due_share', 'aged', ['segment']) }}
    union all by name
    {{ measured_shares('ageing_roll_rate', 'rolled', ['segment', 'bucket']) }}
    union all by name
    {{ measured_shares('duplicate_creation_rate', 'customers_entered', []) }}
    union all by name
    {{ measured_totals(
        'exception_volume', 'seen', 'count(*)', ['exception_type', 'root_cause']
    ) }}
    union all by name
    select
        entity,
        period,
        'bucket' as dimension,
        bucket as segment,
        'past_due_share' as measure,
        {{ percentage('amount_home', 'ar_home') }} as value,
        amount_home as numerator,
        ar_home as denominator
    from past_due_buckets
    where bucket <> 'current'
    {% for days in [30, 60, 90] %}
        {% set expected = 'expected_%d_days_home' % days %}
        {% set collected = 'collected_%d_days_home' % days %}
        {% for measure, difference in {
            'wape': 'abs(' ~ expected ~ ' - ' ~ collected ~ ')',
            'bias': expected ~ ' - ' ~ collected,
        }.items() %}
            union all by name
            select
                entity,
                cast(date_trunc('month', origin_date) as date) as period,
                'horizon' as dimension,
                '{{ days }} days' as segment,
                'cash_forecast_{{ measure }}' as measure,
                {{ percentage('(' ~ difference ~ ')', collected) }} as value,
                {{ difference }} as numerator,
                {{ collected }} as denominator,
                {{ reason({collected ~ ' is null': 'the horizon has not ended'}) }} as reason
            from forecast_accuracy
        {% endfor %}
    {% endfor %}
),

measured as (
    {% for family in families %}
        select * from {{ ref('int_measures__' ~ family) }}
        union all by name
    {% endfor %}
    select * from from_marts
),

-- The whole company has every measure in every period, if only to say that nothing happened.
expected as (
    select
        periods.entity,
        periods.period,
        'segment' as dimension,
        'all' as segment,
        catalogue.measure
    from periods
    inner join catalogue using (grain)
    where catalogue.has_whole
),

filled as (
    select
        entity,
        period,
        dimension,
        segment,
        measure,
        measured.value,
        measured.numerator,
        measured.denominator,
        measured.reason,
        measured.entity is null as is_empty
    from expected
    full join measured using (entity, period, dimension, segment, measure)
)

select
    filled.entity,
    catalogue.grain,
    filled.period,
    filled.dimension,
    filled.segment,
    filled.measure,
    if(filled.is_empty and catalogue.is_sum, 0, filled.value) as value,
    catalogue.unit,
    filled.numerator,
    filled.denominator,
    goals.baseline,
    goals.target,
    case
        when filled.value is null then coalesce(filled.reason, catalogue.empty_reason)
        else filled.reason
    end as reason
from filled
inner join catalogue using (measure)
left join goals using (measure)
where
    {{ as_of_date() }}
    >= if(catalogue.grain = 'month', last_day(filled.period), filled.period + 6)
