with heads as (
    select * from {{ ref('int_billing__compared_heads') }}
),

lines as (
    select * from {{ ref('int_billing__compared_lines') }}
),

units as (
    select * from {{ ref('int_billing__units') }}
),

parts as (
    select
        entity,
        billing_key,
        0 as line_position,
        if(reasons is null, 'matched', 'differs') as verdict,
        reasons,
        preview_amount,
        invoice_amount
    from heads
    union all by name
    select
        lines.entity,
        lines.billing_key,
        lines.line_position,
        lines.verdict,
        lines.reasons,
        coalesce(lines.item_id, lines.invoice_item_id) as item_id,
        lines.item_name,
        lines.invoice_item_name,
        lines.preview_quantity,
        lines.invoice_quantity,
        lines.preview_amount,
        lines.invoice_amount
    from lines
)

select
    parts.entity,
    parts.billing_key,
    cast(parts.line_position as integer) as line_position,
    parts.verdict,
    nullif(split_part(parts.reasons, ', ', 1), '') as reason_code,
    parts.reasons,
    heads.deal_id,
    units.deal_name,
    heads.invoice_numbers,
    heads.invoice_date,
    units.currency,
    parts.item_id,
    parts.item_name,
    parts.invoice_item_name,
    cast(parts.preview_quantity as decimal(20, 8)) as preview_quantity,
    cast(parts.invoice_quantity as decimal(20, 8)) as invoice_quantity,
    cast(parts.preview_amount as decimal(18, 2)) as preview_amount,
    cast(parts.invoice_amount as decimal(18, 2)) as invoice_amount,
    cast(
        coalesce(parts.preview_amount, 0) - coalesce(parts.invoice_amount, 0) as decimal(18, 2)
    ) as difference
from parts
inner join heads using (entity, billing_key)
inner join units using (entity, billing_key)
