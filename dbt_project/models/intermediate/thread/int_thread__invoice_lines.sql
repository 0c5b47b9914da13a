with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

lines as (
    select * from {{ ref('stg_quickbooks__invoice_lines') }}
    where amount <> 0
),

-- Lines end to end, so that discounts and included tax fall on all of them by their amounts.
laid_out as (
    select
        *,
        sum(amount) over so_far as amount_so_far,
        sum(amount) over so_far - amount as amount_before,
        sum(amount) over (partition by entity, invoice_id) as amount_of_invoice
    from lines
    window so_far as (
        partition by entity, invoice_id
        order by line_position, position_in_bundle
        rows between unbounded preceding and current row
    )
),

spread as (
    select
        invoices.entity,
        invoices.invoice_id,
        laid_out.line_position,
        laid_out.position_in_bundle,
        laid_out.item_id,
        laid_out.item_name,
        laid_out.description,
        coalesce(laid_out.quantity, 1) as quantity,
        coalesce(laid_out.unit_price, laid_out.amount) as unit_price,
        {{ cumulative_share(
            'invoices.net_amount', 'laid_out.amount_so_far', 'laid_out.amount_before',
            'laid_out.amount_of_invoice'
        ) }} as net_amount
    from invoices
    inner join laid_out using (entity, invoice_id)
    where laid_out.amount_of_invoice <> 0
),

-- An invoice whose lines come to nothing, or that shows none, is one line.
without_lines as (
    select
        invoices.entity,
        invoices.invoice_id,
        0 as line_position,
        0 as position_in_bundle,
        cast(null as varchar) as item_id,
        cast(null as varchar) as item_name,
        cast(null as varchar) as description,
        cast(1 as decimal(20, 8)) as quantity,
        cast(invoices.net_amount as decimal(20, 8)) as unit_price,
        invoices.net_amount
    from invoices
    anti join spread using (entity, invoice_id)
)

select * from spread
union all by name
select * from without_lines
