with months as (
    select
        entity,
        segment,
        month_end,
        ar_home
    from {{ ref('dso') }}
),

open_items as (
    select * from {{ ref('ar_open_items') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

buckets as (
    {% for bucket in ageing_columns().values() %}
        select '{{ bucket }}' as bucket
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What is open of a charge never grows, so one that existed a month ago was open then.
placed as (
    select
        open_items.entity,
        segments.segment,
        open_items.as_of_date as month_end,
        open_items.bucket,
        open_items.open_amount_home,
        open_items.open_amount > 0 as is_charge,
        case
            when open_items.txn_date <= last_day(open_items.as_of_date - interval 1 month)
                then {{ ageing_bucket(
                    "(last_day(open_items.as_of_date - interval 1 month) - open_items.due_date)"
                ) }}
        end as previous_bucket
    from open_items
    inner join segments using (entity, customer_id)
),

moves as (
    select
        entity,
        coalesce(segment, 'all') as segment,
        month_end,
        previous_bucket,
        bucket,
        sum(open_amount_home) as amount_home,
        coalesce(sum(open_amount_home) filter (where is_charge), 0) as charges_home
    from placed
    group by grouping sets (
        (entity, month_end, previous_bucket, bucket),
        (entity, segment, month_end, previous_bucket, bucket)
    )
),

arrived as (
    select
        entity,
        segment,
        month_end,
        bucket,
        sum(amount_home) as amount_home,
        sum(charges_home) as charges_home,
        sum(charges_home) filter (where previous_bucket is null) as added_home,
        sum(charges_home) filter (where previous_bucket <> bucket) as rolled_in_home
    from moves
    group by all
),

remained as (
    select
        entity,
        segment,
        month_end,
        previous_bucket as bucket,
        sum(charges_home) filter (where previous_bucket = bucket) as stayed_home,
        sum(charges_home) filter (where previous_bucket <> bucket) as rolled_out_home
    from moves
    group by all
),

filled as (
    select
        months.entity,
        months.segment,
        months.month_end,
        months.ar_home,
        buckets.bucket,
        {% for amount in ['amount_home', 'charges_home', 'added_home', 'rolled_in_home'] %}
            cast(coalesce(arrived.{{ amount }}, 0) as decimal(18, 2)) as {{ amount }},
        {% endfor %}
        cast(coalesce(remained.stayed_home, 0) as decimal(18, 2)) as stayed_home,
        cast(coalesce(remained.rolled_out_home, 0) as decimal(18, 2)) as rolled_out_home
    from months
    cross join buckets
    left join arrived using (entity, segment, month_end, bucket)
    left join remained using (entity, segment, month_end, bucket)
),

compared as (
    select
        *,
        {{ percentage('amount_home', 'ar_home') }} as share,
        lag(charges_home, 1, 0) over (
            partition by entity, segment, bucket
            order by month_end
        ) as opening_charges_home
    from filled
)

select
    entity,
    month_end,
    segment,
    bucket,
    amount_home,
    share,
    share - lag(share) over (
        partition by entity, segment, bucket
        order by month_end
    ) as share_change,
    opening_charges_home,
    added_home,
    rolled_in_home,
    rolled_out_home,
    opening_charges_home - stayed_home - rolled_out_home as settled_home,
    charges_home,
    {{ percentage('rolled_out_home', 'opening_charges_home') }} as roll_rate,
    {{ reason({'ar_home <= 0': 'credits cover all receivables'}) }} as share_reason,
    {{ reason({'opening_charges_home = 0': 'the bucket was empty'}) }} as roll_rate_reason
from compared
