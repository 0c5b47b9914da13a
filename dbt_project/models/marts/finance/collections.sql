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

unioned as (
    select * from receivables
    union all by name
    select * from sales
    union all by name
    select * from due
    union all by name
    select * from applied
),

summed as (
    select
        entity,
        month_end,
        customer_id,
        {% for amount in [
            'ar_home', 'ar_not_due_home', 'charges_not_due_home', 'charges_past_due_home',
            'credits_home', 'journals_home', 'sales_home', 'fell_due_home',
            'collected_within_terms_home', 'applied_home',
        ] %}
            cast(coalesce(sum({{ amount }}), 0) as decimal(18, 2)) as {{ amount }},
        {% endfor %}
        cast(coalesce(sum(fell_due_count), 0) as integer) as fell_due_count,
        cast(coalesce(sum(collected_within_terms_count), 0) as integer)
            as collected_within_terms_count,
        cast(coalesce(sum(applied_home_days), 0) as decimal(38, 2)) as applied_home_days,
        max(median_days_to_pay) as median_days_to_pay
    from unioned
    where month_end <= {{ as_of_date() }}
    group by entity, month_end, customer_id
)

select
    summed.entity,
    summed.month_end,
    summed.customer_id,
    customers.customer_name,
    segments.segment,
    summed.ar_home,
    summed.ar_not_due_home,
    summed.charges_not_due_home,
    summed.charges_past_due_home,
    summed.credits_home,
    summed.journals_home,
    summed.sales_home,
    summed.fell_due_home,
    summed.collected_within_terms_home,
    {{ percentage('summed.collected_within_terms_home', 'summed.fell_due_home') }}
        as collected_within_terms,
    summed.fell_due_count,
    summed.collected_within_terms_count,
    {{ percentage('summed.collected_within_terms_count', 'summed.fell_due_count') }}
        as collected_within_terms_by_count,
    summed.applied_home,
    summed.applied_home_days,
    {{ weighted_days('summed.applied_home_days', 'summed.applied_home') }} as days_to_pay,
    cast(summed.median_days_to_pay as decimal(18, 1)) as median_days_to_pay
from summed
inner join customers using (entity, customer_id)
inner join segments using (entity, customer_id)
order by summed.entity, summed.month_end, summed.customer_id
