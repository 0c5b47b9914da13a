with deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
),

closings as (
    select * from {{ ref('int_bridge__deal_closings') }}
),

rates as (
    select * from {{ ref('int_thread__exchange_rates') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where txn_date <= {{ as_of_date() }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
    where deal_id is not null
),

-- An invoice in another currency than its deal counts at the rates of its date.
in_deal_currency as (
    select
        billing_lines.entity,
        billing_lines.invoice_id,
        billing_lines.line_position,
        billing_lines.position_in_bundle,
        billing_lines.deal_id,
        billing_lines.deal_line_id,
        billing_lines.quantity,
        deals.currency,
        deals.amount as deal_amount,
        deals.is_deleted or not (deals.is_won or deals.is_open) as is_lost,
        case
            when invoices.currency = deals.currency then billing_lines.net_amount
            else cast(
                round(
                    billing_lines.net_amount * invoices.exchange_rate
                    / coalesce(rates.exchange_rate, deals.booked_rate),
                    2
                ) as decimal(18, 2)
            )
        end as net_amount,
        invoices.txn_date
    from billing_lines
    inner join invoices using (entity, invoice_id)
    inner join deals using (entity, deal_id)
    asof left join rates
        on
            deals.entity = rates.entity
            and deals.currency = rates.currency
            and invoices.txn_date >= rates.holds_from_date
),

-- What a line is billed against: its deal line, the whole deal where none of its lines is known on
-- an invoice, or nothing that was booked.
matched as (
    select
        in_deal_currency.* exclude (deal_line_id),
        case when not in_deal_currency.is_lost then in_deal_currency.deal_line_id end
            as deal_line_id,
        bool_or(in_deal_currency.deal_line_id is not null) over (
            partition by in_deal_currency.entity, in_deal_currency.deal_id
        ) as is_by_line
    from in_deal_currency
),

booked as (
    select
        matched.*,
        not matched.is_lost and not matched.is_by_line as is_by_amount,
        case
            when matched.is_lost then null
            when matched.is_by_line then deal_lines.line_amount
            else matched.deal_amount
        end as booked_amount,
        deal_lines.quantity as booked_quantity,
        coalesce(matched.txn_date > closings.closed_date, false) as is_beyond_closing
    from matched
    left join deal_lines using (entity, deal_id, deal_line_id)
    left join closings using (entity, deal_id)
),

-- Progress billing states a quantity on every invoice; then money says how much is billed.
judged as (
    select
        *,
        is_by_amount
        or coalesce(booked_quantity, 0) = 0
        or (
            booked_amount <> 0
            and sign(booked_quantity) * sum(quantity) over of_line > abs(booked_quantity)
            and sign(booked_amount) * sum(net_amount) over of_line <= abs(booked_amount) * 1.01
        ) as is_in_money
    from booked
    window of_line as (partition by entity, deal_id, deal_line_id)
),

-- Turned so that what is booked is positive, whichever sign it has.
measured as (
    select
        *,
        abs(case when is_in_money then booked_amount else booked_quantity end) as booked_size,
        case
            when is_in_money then sign(booked_amount) * net_amount
            else sign(booked_quantity) * quantity
        end as billed_size
    from judged
),

-- A line takes what is left and no more; a correction first takes back what was beyond it.
filled as (
    select
        *,
        least(booked_size, sum(if(is_beyond_closing, 0, billed_size)) over so_far) as size_so_far,
        least(
            booked_size,
            sum(if(is_beyond_closing, 0, billed_size)) over so_far
            - if(is_beyond_closing, 0, billed_size)
        ) as size_before
    from measured
    window so_far as (
        partition by entity, deal_id, deal_line_id
        order by
            txn_date, {{ document_order('invoice_id') }}, line_position, position_in_bundle
        rows between unbounded preceding and current row
    )
),

consumed as (
    select
        *,
        case
            when booked_size <> 0
                then
                    {{ cumulative_share(
                        'booked_amount', 'size_so_far', 'size_before', 'booked_size'
                    ) }}
            else 0
        end as from_backlog_amount,
        case
            when is_by_amount then 0
            when coalesce(booked_size, 0) = 0 then net_amount
            else
                cast(
                    round(
                        booked_amount * (billed_size - (size_so_far - size_before)) / booked_size,
                        2
                    ) as decimal(18, 2)
                )
        end as scope_amount
    from filled
)

select
    entity,
    invoice_id,
    line_position,
    position_in_bundle,
    deal_id,
    deal_line_id,
    currency,
    net_amount,
    cast(from_backlog_amount as decimal(18, 2)) as from_backlog_amount,
    cast(scope_amount as decimal(18, 2)) as scope_amount,
    cast(net_amount - from_backlog_amount - scope_amount as decimal(18, 2)) as pricing_amount,
    is_by_line,
    txn_date
from consumed
