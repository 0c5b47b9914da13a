with open_items as (
    select * from {{ ref('ar_open_items') }}
    where as_of_date = last_day(as_of_date)
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type in ('invoice', 'credit_memo')
),

invoices_due as (
    select * from {{ ref('int_collection__invoices_due') }}
),

applications as (
    select * from {{ ref('int_collection__applications_timed') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

-- Every open document is in one part: a journal, else a credit, else a charge due or not.
receivables as (
    select
        entity,
        customer_id,
        as_of_date as month_end,
        sum(open_amount_home) as ar_home,
        sum(open_amount_home) filter (where bucket = 'current') as ar_not_due_home,
        sum(open_amount_home) filter (
            where document_type <> 'journal_entry' and open_amount > 0 and days_past_due <= 0
        ) as charges_not_due_home,
        sum(open_amount_home) filter (
            where document_type <> 'journal_entry' and open_amount > 0 and days_past_due > 0
        ) as charges_past_due_home,
        sum(open_amount_home) filter (
            where document_type <> 'journal_entry' and open_amount < 0
        ) as credits_home,
        sum(open_amount_home) filter (where document_type = 'journal_entry') as journals_home
    from open_items
    group by all
),

sales as (
    select
        entity,
        customer_id,
        last_day(txn_date) as month_end,
        sum({{ money_in_home('total', 'exchange_rate') }}) as sales_home
    from documents
    group by all
),

due as (
    select
        entity,
        customer_id,
        last_day(due_date) as month_end,
        sum(total_home) as fell_due_home,
        sum(collected_home) as collected_within_terms_home,
        count(*) as fell_due_count,
        count(*) filter (where is_collected_within_terms) as collected_within_terms_count
    from invoices_due
    group by all
),

applied as (
    select
        entity,
        customer_id,
        last_day(effective_date) as month_end,
        sum(applied_home) as applied_home,
        sum(days_to_pay * applied_home) as applied_home_days,
        median(days_to_pay) as median_days_to_pay
    from applications
    group by all
),

monthly as (
    select
        entity,
        month_end,
        customer_id,
        {% for source, amounts in {
            'receivables': [
                'ar_home', 'ar_not_due_home', 'charges_not_due_home', 'charges_past_due_home',
                'credits_home', 'journals_home',
            ],
            'sales': ['sales_home'],
            'due': ['fell_due_home', 'collected_within_terms_home'],
            'applied': ['applied_home'],
        }.items() %}
            {% for amount in amounts %}
                cast(coalesce({{ source }}.{{ amount }}, 0) as decimal(18, 2)) as {{ amount }},
            {% endfor %}
        {% endfor %}
        cast(coalesce(due.fell_due_count, 0) as integer) as fell_due_count,
        cast(coalesce(due.collected_within_terms_count, 0) as integer)
            as collected_within_terms_count,
        cast(coalesce(applied.applied_home_days, 0) as decimal(38, 2)) as applied_home_days,
        applied.median_days_to_pay
    from receivables
    full join sales using (entity, customer_id, month_end)
    full join due using (entity, customer_id, month_end)
    full join applied using (entity, customer_id, month_end)
    where month_end <= {{ as_of_date() }}
)

select
    monthly.entity,
    monthly.month_end,
    monthly.customer_id,
    customers.customer_name,
    segments.segment,
    monthly.ar_home,
    monthly.ar_not_due_home,
    monthly.charges_not_due_home,
    monthly.charges_past_due_home,
    monthly.credits_home,
    monthly.journals_home,
    monthly.sales_home,
    monthly.fell_due_home,
    monthly.collected_within_terms_home,
    {{ percentage('monthly.collected_within_terms_home', 'monthly.fell_due_home') }}
        as collected_within_terms,
    monthly.fell_due_count,
    monthly.collected_within_terms_count,
    {{ percentage('monthly.collected_within_terms_count', 'monthly.fell_due_count') }}
        as collected_within_terms_by_count,
    monthly.applied_home,
    monthly.applied_home_days,
    {{ weighted_days('monthly.applied_home_days', 'monthly.applied_home') }} as days_to_pay,
    cast(monthly.median_days_to_pay as decimal(18, 1)) as median_days_to_pay
from monthly
inner join customers using (entity, customer_id)
inner join segments using (entity, customer_id)
