with customers as (
    select * from {{ ref('customers') }}
),

listed as (
    select
        entity,
        customer_id,
        is_taxable,
        created_at
    from {{ ref('stg_quickbooks__customers') }}
),

open_items as (
    select * from {{ ref('ar_open_items') }}
    where as_of_date = {{ as_of_date() }}
),

open_sums as (
    select
        entity,
        customer_id,
        sum(open_amount_home) filter (where open_amount_home > 0) as charges_home,
        -sum(open_amount_home) filter (where open_amount_home < 0) as credits_home,
        sum(open_amount_home) filter (where open_amount_home > 0 and days_past_due > 0)
            as overdue_home
    from open_items
    group by all
)

select
    'quickbooks:' || customers.entity || ':' || customers.customer_id as record_key,
    customers.entity,
    customers.customer_id,
    customers.customer_name,
    customers.crm_link_kind,
    customers.terms_name,
    listed.is_taxable,
    customers.credit_limit_home,
    customers.sales_last_12_months_home,
    {% for amount in ['charges_home', 'credits_home', 'overdue_home'] %}
        cast(coalesce(open_sums.{{ amount }}, 0) as decimal(18, 2)) as {{ amount }},
    {% endfor %}
    customers.is_active
from customers
inner join listed using (entity, customer_id)
left join open_sums using (entity, customer_id)
