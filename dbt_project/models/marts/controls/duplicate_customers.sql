with pairs as (
    select * from {{ ref('int_duplicates__shown_pairs') }}
),

survivors as (
    select * from {{ ref('int_duplicates__survivors') }}
),

figures as (
    select * from {{ ref('int_duplicates__customer_figures') }}
),

links as (
    select
        crm_system || ':' || crm_entity || ':' || crm_account_id as record_key,
        'quickbooks:' || entity || ':' || customer_id as customer_key
    from {{ ref('int_matching__customer_accounts') }}
),

-- Whose money it is: the customer itself, or the customers of the account.
customers_of_records as (
    select
        record_key,
        record_key as customer_key
    from figures
    union all
    select
        record_key,
        customer_key
    from links
),

customers_of_pairs as (
    {% for side in ['left', 'right'] %}
        select
            pairs.left_key,
            pairs.right_key,
            customers_of_records.customer_key
        from pairs
        inner join customers_of_records on pairs.{{ side }}_key = customers_of_records.record_key
        where pairs.verdict <> 'different'
        {{ 'union' if not loop.last }}
    {% endfor %}
),

split_money as (
    select
        customers_of_pairs.left_key,
        customers_of_pairs.right_key,
        sum(figures.charges_home) as charges_home
    from customers_of_pairs
    inner join figures on customers_of_pairs.customer_key = figures.record_key
    group by customers_of_pairs.left_key, customers_of_pairs.right_key, figures.entity
    having count(*) > 1
),

at_risk as (
    select
        left_key,
        right_key,
        sum(charges_home) as charges_home
    from split_money
    group by all
)

select
    pairs.left_system,
    pairs.left_entity,
    pairs.left_id,
    pairs.left_name,
    pairs.right_system,
    pairs.right_entity,
    pairs.right_id,
    pairs.right_name,
    cast(1 / (1 + exp(-pairs.score)) as decimal(5, 4)) as score,
    pairs.verdict,
    pairs.reasons,
    pairs.cluster_id,
    case when pairs.verdict = 'duplicate' then survivors.survivor_id end as survivor_id,
    cast(coalesce(at_risk.charges_home, 0) as decimal(18, 2)) as money_at_risk_home
from pairs
left join survivors on pairs.left_key = survivors.record_key
left join at_risk using (left_key, right_key)
