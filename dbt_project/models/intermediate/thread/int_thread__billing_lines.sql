with invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
),

matched as (
    select
        invoice_lines.entity,
        invoice_lines.invoice_id,
        invoice_lines.line_position,
        invoice_lines.position_in_bundle,
        links.deal_id,
        deal_lines.deal_line_id
    from invoice_lines
    inner join links using (entity, invoice_id)
    left join deal_lines
        on
            links.entity = deal_lines.entity
            and links.deal_id = deal_lines.deal_id
            and invoice_lines.item_id = deal_lines.item_id
    qualify row_number() over (
        partition by
            invoice_lines.entity,
            invoice_lines.invoice_id,
            invoice_lines.line_position,
            invoice_lines.position_in_bundle
        order by deal_lines.deal_line_id is null, links.deal_id, deal_lines.line_position
    ) = 1
)

select
    invoice_lines.entity,
    invoice_lines.invoice_id,
    invoice_lines.line_position,
    invoice_lines.position_in_bundle,
    matched.deal_id,
    matched.deal_line_id,
    invoice_lines.quantity,
    invoice_lines.net_amount
from invoice_lines
left join matched using (entity, invoice_id, line_position, position_in_bundle)
