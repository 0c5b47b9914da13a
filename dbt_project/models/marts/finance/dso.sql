{%- set keys = ['entity', 'segment'] -%}
{%- set amounts = [
    'ar_home', 'ar_not_due_home', 'charges_not_due_home', 'charges_past_due_home', 'credits_home',
    'journals_home', 'sales_home', 'fell_due_home', 'collected_within_terms_home', 'applied_home',
] -%}
{%- set dso_months = var('dso_months') -%}
{%- set effectiveness_months = var('collection_effectiveness_months') -%}

with collections as (
    select * from {{ ref('collections') }}
),

applications as (
    select * from {{ ref('int_collection__applications_timed') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
    where as_of_date = last_day(as_of_date)
),

first_documents as (
    select
        documents.entity,
        coalesce(segments.segment, 'all') as segment,
        min(documents.txn_date) as first_document_date
    from documents
    inner join segments using (entity, customer_id)
    group by grouping sets (
        (documents.entity),
        (documents.entity, segments.segment)
    )
),

months as (
    select
        first_documents.entity,
        first_documents.segment,
        first_documents.first_document_date,
        as_of_dates.as_of_date as month_end,
        date_trunc('month', as_of_dates.as_of_date) as month_start
    from first_documents
    inner join as_of_dates
        on
            first_documents.entity = as_of_dates.entity
            and first_documents.first_document_date <= as_of_dates.as_of_date
),

sums as (
    select
        entity,
        coalesce(segment, 'all') as segment,
        month_end,
        {% for amount in amounts %}
            sum({{ amount }}) as {{ amount }},
        {% endfor %}
        sum(fell_due_count) as fell_due_count,
        sum(collected_within_terms_count) as collected_within_terms_count,
        sum(applied_home_days) as applied_home_days
    from collections
    group by grouping sets (
        (entity, month_end),
        (entity, segment, month_end)
    )
),

medians as (
    select
        applications.entity,
        coalesce(segments.segment, 'all') as segment,
        last_day(applications.effective_date) as month_end,
        median(applications.days_to_pay) as median_days_to_pay
    from applications
    inner join segments using (entity, customer_id)
    group by grouping sets (
        (applications.entity, last_day(applications.effective_date)),
        (applications.entity, segments.segment, last_day(applications.effective_date))
    )
),

monthly as (
    select
        months.*,
        {% for amount in amounts %}
            cast(coalesce(sums.{{ amount }}, 0) as decimal(18, 2)) as {{ amount }},
        {% endfor %}
        cast(coalesce(sums.fell_due_count, 0) as integer) as fell_due_count,
        coalesce(sums.collected_within_terms_count, 0) as collected_within_terms_count,
        coalesce(sums.applied_home_days, 0) as applied_home_days
    from months
    left join sums using (entity, segment, month_end)
),

countback as (
    {{ dso_countback('monthly', 'monthly', keys) }}
),

periods as (
    select
        *,
        last_day(month_start - interval {{ dso_months }} month) + 1 as period_start,
        cast(
            sum(sales_home) over (
                partition by entity, segment
                order by month_start
                range between interval ({{ dso_months }} - 1) month preceding and current row
            ) as decimal(18, 2)
        ) as period_sales_home,
        cast(
            sum(sales_home) over (
                partition by entity, segment
                order by month_start
                range between interval ({{ effectiveness_months }} - 1) month preceding
                and current row
            ) as decimal(18, 2)
        ) as collection_sales_home,
        lag(ar_home, {{ effectiveness_months }}, 0) over (
            partition by entity, segment
            order by month_start
        ) as opening_ar_home
    from monthly
),

measured as (
    select
        *,
        cast(month_end - period_start + 1 as integer) as days_in_period,
        period_start < first_document_date as is_too_early
    from periods
),

outstanding as (
    select
        *,
        case
            when not is_too_early
                then {{ days_of_sales('ar_home', 'period_sales_home', 'days_in_period') }}
        end as dso_standard,
        case
            when not is_too_early
                then {{ days_of_sales('ar_not_due_home', 'period_sales_home', 'days_in_period') }}
        end as dso_best_possible,
        {{ collection_effectiveness(
            'opening_ar_home', 'collection_sales_home', effectiveness_months,
            'ar_home', 'ar_not_due_home'
        ) }} as collection_effectiveness
    from measured
)

select
    outstanding.entity,
    outstanding.month_end,
    outstanding.segment,
    outstanding.ar_home,
    outstanding.period_sales_home as sales_home,
    outstanding.dso_standard,
    case when outstanding.ar_home = 0 then 0 else countback.dso_countback end as dso_countback,
    outstanding.dso_best_possible,
    outstanding.dso_standard - outstanding.dso_best_possible as average_days_delinquent,
    outstanding.collection_effectiveness,
    {{ percentage('outstanding.collected_within_terms_home', 'outstanding.fell_due_home') }}
        as collected_within_terms,
    {{ percentage('outstanding.collected_within_terms_count', 'outstanding.fell_due_count') }}
        as collected_within_terms_by_count,
    {{ weighted_days('outstanding.applied_home_days', 'outstanding.applied_home') }}
        as days_to_pay,
    cast(medians.median_days_to_pay as decimal(18, 1)) as median_days_to_pay,
    {{ reason({
        'outstanding.is_too_early': 'the period starts before the first document',
        'outstanding.dso_standard is null': 'no sales in the period',
    }) }} as dso_reason,
    {{ reason({
        'outstanding.ar_home < 0': 'credits exceed charges',
        'outstanding.ar_home > 0 and countback.dso_countback is null':
            'receivables exceed all sales on record',
    }) }} as dso_countback_reason,
    {{ reason({
        'outstanding.collection_effectiveness is null': 'nothing was due to be collected',
    }) }} as collection_effectiveness_reason,
    {{ reason({'outstanding.fell_due_home = 0': 'nothing fell due'}) }}
        as collected_within_terms_reason,
    {{ reason({'outstanding.applied_home = 0': 'nothing was applied'}) }} as days_to_pay_reason,
    outstanding.days_in_period,
    outstanding.ar_not_due_home,
    outstanding.charges_not_due_home,
    outstanding.charges_past_due_home,
    outstanding.credits_home,
    outstanding.journals_home,
    outstanding.opening_ar_home,
    outstanding.collection_sales_home,
    outstanding.fell_due_home,
    outstanding.collected_within_terms_home,
    outstanding.fell_due_count,
    outstanding.applied_home
from outstanding
left join countback using (entity, segment, month_end)
left join medians using (entity, segment, month_end)
