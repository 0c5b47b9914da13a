with receipts as (
    select * from {{ ref('int_collection__receipts_deposited') }}
    where receipt_date <= {{ as_of_date() }}
),

-- Each month at whose end a receipt still waits.
waiting as (
    select
        entity,
        cast(
            unnest(
                generate_series(
                    date_trunc('month', receipt_date),
                    date_trunc('month', least(deposited_date, {{ as_of_date() }} + 1))
                    - interval 1 month,
                    interval 1 month
                )
            ) as date
        ) as period,
        {{ money_in_home('amount', 'exchange_rate') }} as amount_home,
        receipt_date
    from receipts
),

oldest as (
    select
        entity,
        period,
        'segment' as dimension,
        'all' as segment,
        'undeposited_funds_oldest_days' as measure,
        cast(last_day(period) - min(receipt_date) as decimal(18, 2)) as value,
        cast(null as decimal(18, 2)) as numerator,
        cast(null as decimal(18, 2)) as denominator,
        cast(null as varchar) as reason
    from waiting
    group by entity, period
),

measured as (
    {{ measured_totals('undeposited_funds_amount', 'waiting', 'sum(amount_home)', []) }}
    union all
    {{ measured_totals('undeposited_funds_count', 'waiting', 'count(*)', []) }}
    union all
    select * from oldest
)

select * from measured
