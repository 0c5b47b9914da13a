with open_items as (
    select
        entity,
        as_of_date as month_end,
        sum(open_amount_home) as open_home
    from {{ ref('ar_open_items') }}
    where as_of_date = last_day(as_of_date)
    group by all
),

measured as (
    select
        entity,
        month_end,
        sum(ar_home) filter (where segment = 'all') as ar_home,
        sum(sales_home) filter (where segment = 'all') as sales_home,
        sum(
            charges_not_due_home + charges_past_due_home + credits_home + journals_home
        ) filter (where segment = 'all') as parts_home,
        sum(ar_home) filter (where segment <> 'all') as segments_home,
        sum(sales_home) filter (where segment <> 'all') as segments_sales_home
    from {{ ref('dso') }}
    group by all
),

shifted as (
    select
        entity,
        month_end,
        sum(amount_home) as buckets_home,
        min(settled_home) as least_settled_home
    from {{ ref('ageing_shift') }}
    where segment = 'all'
    group by all
)

select
    entity,
    month_end,
    open_items.open_home,
    measured.ar_home,
    measured.parts_home,
    measured.segments_home,
    shifted.buckets_home,
    measured.sales_home,
    measured.segments_sales_home
from open_items
full join measured using (entity, month_end)
full join shifted using (entity, month_end)
where
    coalesce(open_items.open_home, 0) is distinct from measured.ar_home
    or measured.ar_home is distinct from measured.parts_home
    or measured.ar_home is distinct from measured.segments_home
    or measured.ar_home is distinct from shifted.buckets_home
    or measured.sales_home is distinct from measured.segments_sales_home
    or shifted.least_settled_home < 0
