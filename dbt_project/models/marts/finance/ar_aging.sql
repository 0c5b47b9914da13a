with open_items as (
    select * from {{ ref('ar_open_items') }}
),

summed as (
    select
        entity,
        as_of_date,
        customer_id,
        customer_name,
        currency,
        {{ sum_by_bucket('open_amount') }},
        sum(open_amount) as total,
        sum(open_amount_home) as total_home
    from open_items
    group by entity, as_of_date, customer_id, customer_name, currency
)

select
    entity,
    as_of_date,
    customer_id,
    customer_name,
    currency,
    cast(current_amount as decimal(18, 2)) as current_amount,
    cast(days_1_30 as decimal(18, 2)) as days_1_30,
    cast(days_31_60 as decimal(18, 2)) as days_31_60,
    cast(days_61_90 as decimal(18, 2)) as days_61_90,
    cast(days_over_90 as decimal(18, 2)) as days_over_90,
    cast(total as decimal(18, 2)) as total,
    cast(total_home as decimal(18, 2)) as total_home
from summed
order by entity, as_of_date, customer_id, currency
