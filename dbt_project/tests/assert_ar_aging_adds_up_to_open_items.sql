with open_items as (
    select
        entity,
        as_of_date,
        currency,
        sum(open_amount) as total,
        sum(open_amount_home) as total_home
    from {{ ref('ar_open_items') }}
    group by all
),

aged as (
    select
        entity,
        as_of_date,
        currency,
        sum(current_amount + days_1_30 + days_31_60 + days_61_90 + days_over_90) as in_buckets,
        sum(total) as total,
        sum(total_home) as total_home
    from {{ ref('ar_aging') }}
    group by all
)

select
    entity,
    as_of_date,
    currency,
    open_items.total as open_total,
    aged.total as aged_total,
    aged.in_buckets
from open_items
full join aged using (entity, as_of_date, currency)
where
    open_items.total is distinct from aged.total
    or open_items.total is distinct from aged.in_buckets
    or open_items.total_home is distinct from aged.total_home
