with deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
),

closings as (
    select * from {{ ref('int_bridge__deal_closings') }}
),

lines_consumed as (
    select * from {{ ref('int_bridge__deal_lines_consumed') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

by_invoice as (
    select
        entity,
        deal_id,
        'invoice' as document_type,
        invoice_id as document_id,
        txn_date as movement_date,
        sum(from_backlog_amount) as from_backlog_amount,
        sum(scope_amount) as scope_amount,
        sum(pricing_amount) as pricing_amount,
        0 as churn_amount
    from lines_consumed
    group by all
),

taken as (
    select
        entity,
        deal_id,
        deal_line_id,
        sum(from_backlog_amount) as from_backlog_amount,
        bool_or(is_by_line) as is_by_line
    from lines_consumed
    group by all
),

deals_by_line as (
    select
        entity,
        deal_id
    from taken
    where is_by_line
    group by all
),

-- What a closing takes out: each deal line's rest, or the whole deal's.
booked_parts as (
    select
        deal_lines.entity,
        deal_lines.deal_id,
        deal_lines.deal_line_id,
        deal_lines.line_amount as booked_amount,
        true as is_by_line
    from deal_lines
    semi join deals_by_line using (entity, deal_id)
    union all
    select
        deals.entity,
        deals.deal_id,
        cast(null as varchar) as deal_line_id,
        deals.amount as booked_amount,
        false as is_by_line
    from deals
    anti join deals_by_line using (entity, deal_id)
),

remainders as (
    select
        closings.entity,
        closings.deal_id,
        closings.closed_date,
        booked_parts.is_by_line,
        booked_parts.booked_amount - coalesce(taken.from_backlog_amount, 0) as remainder,
        closings.ending = 'cancelled' or taken.entity is null as is_churn
    from closings
    inner join booked_parts using (entity, deal_id)
    left join taken
        on
            booked_parts.entity = taken.entity
            and booked_parts.deal_id = taken.deal_id
            and booked_parts.deal_line_id is not distinct from taken.deal_line_id
),

by_closing as (
    select
        entity,
        deal_id,
        'deal' as document_type,
        cast(null as varchar) as document_id,
        closed_date as movement_date,
        sum(remainder) as from_backlog_amount,
        -sum(if(not is_churn and is_by_line, remainder, 0)) as scope_amount,
        -sum(if(not is_churn and not is_by_line, remainder, 0)) as pricing_amount,
        -sum(if(is_churn, remainder, 0)) as churn_amount
    from remainders
    group by all
    having bool_or(remainder <> 0)
),

movements as (
    select * from by_invoice
    union all by name
    select * from by_closing
),

so_far as (
    select
        movements.entity,
        movements.deal_id,
        movements.document_type,
        movements.document_id,
        {% for amount in ['from_backlog', 'scope', 'pricing', 'churn'] %}
            cast(movements.{{ amount }}_amount as decimal(18, 2)) as {{ amount }}_amount,
        {% endfor %}
        movements.movement_date,
        deals.currency,
        deals.booked_rate,
        deals.won_date,
        coalesce(invoices.customer_id, deals.customer_id) as customer_id,
        shares.currency as document_currency,
        shares.tax_amount,
        shares.gross_amount,
        shares.net_amount_home,
        shares.tax_amount_home,
        shares.gross_amount_home,
        cast(sum(movements.from_backlog_amount) over by_date as decimal(18, 2))
            as amount_so_far
    from movements
    inner join deals using (entity, deal_id)
    left join shares
        on
            movements.entity = shares.entity
            and movements.deal_id = shares.deal_id
            and movements.document_id = shares.invoice_id
    left join invoices
        on movements.entity = invoices.entity and movements.document_id = invoices.invoice_id
    window by_date as (
        partition by movements.entity, movements.deal_id
        order by
            movements.movement_date,
            movements.document_type desc,
            {{ document_order('movements.document_id') }}
        rows between unbounded preceding and current row
    )
),

at_booked_rate as (
    select
        *,
        {{ money_in_home('amount_so_far', 'booked_rate') }}
        - {{ money_in_home('(amount_so_far - from_backlog_amount)', 'booked_rate') }}
            as from_backlog_home,
        {{ money_in_home('scope_amount', 'booked_rate') }} as scope_rounded_home,
        {{ money_in_home('pricing_amount', 'booked_rate') }} as pricing_rounded_home,
        {{ money_in_home('churn_amount', 'booked_rate') }} as churn_rounded_home
    from so_far
),

-- A closing leaves nothing: where two variances share its rest, the cents of rounding are scope's.
balanced as (
    select
        *,
        case
            when document_type = 'invoice' then scope_rounded_home
            when scope_amount <> 0
                then -from_backlog_home - if(churn_amount <> 0, churn_rounded_home, 0)
            else 0
        end as scope_home,
        case
            when document_type = 'invoice' then pricing_rounded_home
            when pricing_amount <> 0 then -from_backlog_home
            else 0
        end as pricing_home,
        case
            when churn_amount = 0 then 0
            when scope_amount = 0 then -from_backlog_home
            else churn_rounded_home
        end as churn_home
    from at_booked_rate
)

select
    entity,
    deal_id,
    document_type,
    document_id,
    customer_id,
    currency,
    document_currency,
    from_backlog_amount,
    scope_amount,
    pricing_amount,
    churn_amount,
    coalesce(tax_amount, 0) as tax_amount,
    coalesce(gross_amount, 0) as gross_amount,
    cast(from_backlog_home as decimal(18, 2)) as from_backlog_home,
    cast(scope_home as decimal(18, 2)) as scope_home,
    cast(pricing_home as decimal(18, 2)) as pricing_home,
    cast(churn_home as decimal(18, 2)) as churn_home,
    coalesce(tax_amount_home, 0) as tax_home,
    -- Valued at the booked rate, and each invoice at its own: the difference, cents included.
    cast(
        case
            when document_type = 'invoice'
                then net_amount_home - from_backlog_home - scope_home - pricing_home
            else 0
        end as decimal(18, 2)
    ) as fx_home,
    coalesce(gross_amount_home, 0) as gross_home,
    coalesce(
        date_trunc('month', movement_date) = date_trunc('month', won_date), false
    ) as is_in_booked_month,
    movement_date
from balanced
