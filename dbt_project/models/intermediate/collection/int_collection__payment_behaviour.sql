with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where txn_date <= {{ as_of_date() }}
),

applications as (
    select * from {{ ref('int_collection__applications_timed') }}
    where effective_date <= {{ as_of_date() }}
),

invoices_due as (
    select * from {{ ref('int_collection__invoices_due') }}
    where due_date <= {{ as_of_date() }}
),

documented as (
    select
        entity,
        customer_id,
        min(txn_date) as first_document_date,
        max(txn_date) filter (where document_type = 'payment' and total <> 0)
            as last_payment_date,
        sum({{ money_in_home('total', 'exchange_rate') }}) filter (
            where
            document_type in ('invoice', 'credit_memo')
            and txn_date > {{ as_of_date() }} - interval 12 months
        ) as sales_last_12_months_home
    from documents
    group by all
),

applied as (
    select
        entity,
        customer_id,
        sum(applied_home) as applied_home,
        sum(days_to_pay * applied_home) as applied_home_days,
        median(days_to_pay) as median_days_to_pay
    from applications
    group by all
),

due as (
    select
        entity,
        customer_id,
        sum(total_home) as fell_due_home,
        sum(collected_home) as collected_home,
        count(*) as fell_due_count,
        count(*) filter (where is_collected_within_terms) as collected_count
    from invoices_due
    group by all
)

select
    documented.entity,
    documented.customer_id,
    documented.first_document_date,
    documented.last_payment_date,
    cast(coalesce(documented.sales_last_12_months_home, 0) as decimal(18, 2))
        as sales_last_12_months_home,
    {{ weighted_days('applied.applied_home_days', 'applied.applied_home') }} as days_to_pay,
    applied.median_days_to_pay,
    {{ percentage('due.collected_home', 'due.fell_due_home') }} as collected_within_terms,
    {{ percentage('due.collected_count', 'due.fell_due_count') }}
        as collected_within_terms_by_count
from documented
left join applied using (entity, customer_id)
left join due using (entity, customer_id)
