{%- set dimensions = ['segment', 'rep'] -%}

with deals as (
    select * from {{ ref('int_thread__deals') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where txn_date <= {{ as_of_date() }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

customer_segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

bridge as (
    select * from {{ ref('int_bridge__bookings_to_billings') }}
    where category in ('to_backlog', 'from_backlog')
),

first_instalments as (
    select
        crm_entity,
        deal_id,
        min(instalment_date) as first_instalment_date
    from instalments
    group by all
),

won as (
    select
        deals.entity,
        deals.deal_id,
        deals.segment,
        deals.rep,
        coalesce(deals.deal_type, 'unassigned') as deal_type,
        {{ money_in_home('deals.amount', 'deals.booked_rate') }} as booked_home,
        deals.won_date,
        deals.closed_for_billing,
        deals.billing_closed_date,
        -- Nobody misses an invoice that was never to be there yet.
        greatest(deals.won_date, first_instalments.first_instalment_date) as billable_date
    from deals
    left join first_instalments using (crm_entity, deal_id)
    where deals.won_date is not null and not deals.is_deleted
),

-- What is billed belongs to its deal's segment and rep; without a deal, to its customer's segment.
billed as (
    select
        shares.entity,
        shares.deal_id,
        cast(date_trunc('month', shares.txn_date) as date) as period,
        coalesce(deals.segment, customer_segments.segment, 'unassigned') as segment,
        coalesce(deals.rep, 'unassigned') as rep,
        shares.net_amount_home as billed_home
    from shares
    inner join invoices using (entity, invoice_id)
    left join deals on shares.entity = deals.entity and shares.deal_id = deals.deal_id
    left join customer_segments
        on
            invoices.entity = customer_segments.entity
            and invoices.customer_id = customer_segments.customer_id
),

booked_and_billed as (
    select
        entity,
        cast(date_trunc('month', won_date) as date) as period,
        {{ dimensions | join(', ') }},
        booked_home,
        0 as billed_home
    from won
    union all by name
    select
        entity,
        period,
        {{ dimensions | join(', ') }},
        0 as booked_home,
        billed_home
    from billed
),

billed_so_far as (
    select
        entity,
        deal_id,
        period,
        sum(sum(billed_home)) over (
            partition by entity, deal_id order by period
        ) as billed_home
    from billed
    where deal_id is not null
    group by entity, deal_id, period
),

billed_in_all as (
    select
        entity,
        deal_id,
        sum(billed_home) as billed_home
    from billed
    group by all
),

converted as (
    select
        won.entity,
        cast(date_trunc('month', won.won_date) as date) as period,
        won.segment,
        won.rep,
        coalesce(billed_in_all.billed_home, 0) as numerator,
        won.booked_home as denominator
    from won
    left join billed_in_all using (entity, deal_id)
),

-- What enters and leaves a deal's backlog, and so what lies in it until the next change.
backlog_changes as (
    select
        entity,
        deal_id,
        month as period,
        -sum(amount_home) as change_home
    from bridge
    group by all
),

backlog_spans as (
    select
        entity,
        deal_id,
        period as first_period,
        lead(period, 1, last_day({{ as_of_date() }}) + 1) over by_month - interval 1 month
            as last_period,
        sum(change_home) over by_month as unbilled_home
    from backlog_changes
    window by_month as (partition by entity, deal_id order by period)
),

backlog_months as (
    select
        entity,
        deal_id,
        cast(unnest(generate_series(first_period, last_period, interval 1 month)) as date)
            as period,
        unbilled_home
    from backlog_spans
    where unbilled_home <> 0
),

backlog as (
    select
        backlog_months.entity,
        backlog_months.period,
        coalesce(deals.segment, 'unassigned') as segment,
        coalesce(deals.rep, 'unassigned') as rep,
        case
            when coalesce(last_day(backlog_months.period) - deals.won_date, 0) <= 30 then '0-30'
            when last_day(backlog_months.period) - deals.won_date <= 60 then '31-60'
            when last_day(backlog_months.period) - deals.won_date <= 90 then '61-90'
            else '90+'
        end as days_since_won,
        backlog_months.unbilled_home,
        coalesce(billed_so_far.billed_home, 0) as billed_home
    from backlog_months
    left join deals
        on backlog_months.entity = deals.entity and backlog_months.deal_id = deals.deal_id
    asof left join billed_so_far
        on
            backlog_months.entity = billed_so_far.entity
            and backlog_months.deal_id = billed_so_far.deal_id
            and backlog_months.period >= billed_so_far.period
),

overdue_months as (
    select
        *,
        cast(
            unnest(
                generate_series(
                    date_trunc('month', billable_date + {{ var('quiet_days') }}),
                    cast({{ as_of_date() }} as timestamp),
                    interval 1 month
                )
            ) as date
        ) as period
    from won
    where closed_for_billing is null or billing_closed_date is not null
),

leaking as (
    select
        overdue_months.entity,
        overdue_months.period,
        overdue_months.deal_type,
        overdue_months.segment,
        overdue_months.rep,
        overdue_months.booked_home - coalesce(billed_so_far.billed_home, 0) as leaking_home
    from overdue_months
    asof left join billed_so_far
        on
            overdue_months.entity = billed_so_far.entity
            and overdue_months.deal_id = billed_so_far.deal_id
            and overdue_months.period >= billed_so_far.period
    where
        overdue_months.booked_home > coalesce(billed_so_far.billed_home, 0)
        and (
            overdue_months.closed_for_billing is null
            or overdue_months.billing_closed_date > last_day(overdue_months.period)
        )
),

measured as (
    {{ measured_totals('bookings', 'booked_and_billed', 'sum(booked_home)', dimensions) }}
    union all
    {{ measured_totals('billings', 'booked_and_billed', 'sum(billed_home)', dimensions) }}
    union all
    {{ measured_totals(
        'bookings_billings_gap', 'booked_and_billed', 'sum(booked_home - billed_home)', dimensions
    ) }}
    union all
    {{ measured_shares('pipeline_to_bill_conversion', 'converted', dimensions) }}
    union all
    {{ measured_totals('billed_backlog', 'backlog', 'sum(billed_home)', dimensions) }}
    union all
    {{ measured_totals(
        'unbilled_backlog', 'backlog', 'sum(unbilled_home)', dimensions + ['days_since_won']
    ) }}
    union all
    {{ measured_totals(
        'revenue_leakage_amount', 'leaking', 'sum(leaking_home)', dimensions + ['deal_type']
    ) }}
    union all
    {{ measured_totals(
        'revenue_leakage_count', 'leaking', 'count(*)', dimensions + ['deal_type']
    ) }}
)

select * from measured
