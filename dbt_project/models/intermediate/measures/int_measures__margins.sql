{%- set notes = {
    'sum(denominator) <> 0 and bool_or(is_partly_costed)': 'lines whose item has no cost are left out',
} -%}
{%- set owner = ['owned.gross_so_far', 'owned.gross_before', 'owned.gross_whole'] -%}

with invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where txn_date <= {{ as_of_date() }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

customer_segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where txn_date <= {{ as_of_date() }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where
        is_cash and target_document_type = 'invoice' and effective_date <= {{ as_of_date() }}
),

invoices_due as (
    select * from {{ ref('int_collection__invoices_due') }}
    where due_date <= {{ as_of_date() }}
),

-- Only lines whose item has a cost can say what they earn. Costs are kept in home currency, and
-- an item without one shows 0.
costed as (
    select
        invoices.entity,
        invoices.invoice_id,
        invoices.customer_id,
        invoices.txn_date,
        coalesce(
            sum({{ money_in_home('invoice_lines.net_amount', 'invoices.exchange_rate') }}) filter (
                where items.unit_cost <> 0
            ),
            0
        ) as net_home,
        coalesce(
            sum(cast(round(invoice_lines.quantity * items.unit_cost, 2) as decimal(18, 2))),
            0
        ) as cost_home,
        bool_or(coalesce(items.unit_cost, 0) = 0) as is_partly_costed
    from invoices
    inner join invoice_lines using (entity, invoice_id)
    left join items
        on invoice_lines.entity = items.entity and invoice_lines.item_id = items.item_id
    group by all
),

earned as (
    select
        costed.entity,
        cast(date_trunc('month', costed.txn_date) as date) as period,
        customer_segments.segment,
        costed.net_home - costed.cost_home as numerator,
        costed.net_home as denominator,
        costed.is_partly_costed
    from costed
    inner join customer_segments using (entity, customer_id)
),

-- An invoice is its deals' by their gross shares of it, end to end, so that parts add up.
owned as (
    select
        shares.entity,
        shares.invoice_id,
        coalesce(deals.rep, 'unassigned') as rep,
        coalesce(deals.lead_source, 'unassigned') as lead_source,
        sum(shares.gross_amount) over so_far as gross_so_far,
        sum(shares.gross_amount) over so_far - shares.gross_amount as gross_before,
        sum(shares.gross_amount) over (partition by shares.entity, shares.invoice_id)
            as gross_whole
    from shares
    left join deals on shares.entity = deals.entity and shares.deal_id = deals.deal_id
    window so_far as (
        partition by shares.entity, shares.invoice_id
        order by shares.deal_id
        rows between unbounded preceding and current row
    )
),

cash as (
    select
        applications.entity,
        applications.target_document_id as invoice_id,
        cast(date_trunc('month', applications.effective_date) as date) as period,
        any_value(invoices.total_amount) as total_amount,
        sum(applications.applied_amount) as applied_amount,
        sum({{ money_in_home('applications.applied_amount', 'invoices.exchange_rate') }})
            as cash_home
    from applications
    inner join invoices
        on
            applications.entity = invoices.entity
            and applications.target_document_id = invoices.invoice_id
    group by all
),

-- Cash pays for each line alike, so it brings in its part of what the invoice earns.
paid_for as (
    select
        cash.entity,
        cash.invoice_id,
        cash.period,
        costed.is_partly_costed,
        cast(
            round(costed.net_home * cash.applied_amount / cash.total_amount, 2) as decimal(18, 2)
        ) as net_home,
        cast(
            round(costed.cost_home * cash.applied_amount / cash.total_amount, 2) as decimal(18, 2)
        ) as cost_home
    from cash
    inner join costed using (entity, invoice_id)
),

cash_earned as (
    select
        paid_for.entity,
        paid_for.period,
        owned.lead_source,
        paid_for.is_partly_costed,
        {{ cumulative_share('(paid_for.net_home - paid_for.cost_home)', *owner) }} as numerator,
        {{ cumulative_share('paid_for.net_home', *owner) }} as denominator
    from paid_for
    inner join owned using (entity, invoice_id)
),

collected_and_due as (
    select
        entity,
        invoice_id,
        period,
        cash_home,
        0 as due_home
    from cash
    union all
    select
        entity,
        invoice_id,
        cast(date_trunc('month', due_date) as date) as period,
        0 as cash_home,
        total_home as due_home
    from invoices_due
),

collected as (
    select
        collected_and_due.entity,
        collected_and_due.period,
        owned.rep,
        {{ cumulative_share('collected_and_due.cash_home', *owner) }} as numerator,
        {{ cumulative_share('collected_and_due.due_home', *owner) }} as denominator
    from collected_and_due
    inner join owned using (entity, invoice_id)
),

measured as (
    {{ measured_shares('margin', 'earned', ['segment'], notes=notes) }}
    union all
    {{ measured_shares('cash_margin', 'cash_earned', ['lead_source'], notes=notes) }}
    union all
    {{ measured_shares('collection_rate', 'collected', ['rep']) }}
)

select * from measured
