{#- What is rounded on one side alone may differ by this much. -#}
{%- set cent = '0.01' -%}
with previews as (
    select * from {{ ref('int_billing__previewed_invoices') }}
),

preview_lines as (
    select * from {{ ref('int_billing__previewed_lines') }}
    where amount <> 0
),

by_people as (
    select * from {{ ref('int_billing__invoices_by_people') }}
),

invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

lines_as_written as (
    select * from {{ ref('stg_quickbooks__invoice_lines') }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

compared_units as (
    select distinct
        entity,
        billing_key
    from by_people
    semi join previews using (entity, billing_key)
),

gross_amounts as (
    select
        entity,
        billing_key,
        sum(amount) as gross_amount
    from preview_lines
    group by all
),

-- On both sides a discount falls on all lines alike, for people also write prices less discount.
previewed as (
    select
        preview_lines.entity,
        preview_lines.billing_key,
        preview_lines.item_id,
        sum(coalesce(preview_lines.quantity, 1)) as quantity,
        sum(preview_lines.amount) as amount,
        cast(
            round(
                sum(preview_lines.amount) * any_value(previews.net_amount)
                / any_value(gross_amounts.gross_amount), 2
            ) as decimal(18, 2)
        ) as net_amount
    from preview_lines
    semi join compared_units using (entity, billing_key)
    inner join previews using (entity, billing_key)
    inner join gross_amounts using (entity, billing_key)
    group by all
),

invoiced as (
    select
        by_people.entity,
        by_people.billing_key,
        invoice_lines.item_id,
        sum(invoice_lines.quantity) as quantity,
        sum(coalesce(lines_as_written.amount, invoice_lines.net_amount)) as amount,
        cast(sum(invoice_lines.net_amount) as decimal(18, 2)) as net_amount
    from by_people
    semi join compared_units using (entity, billing_key)
    inner join billing_lines using (entity, invoice_id, deal_id)
    inner join invoice_lines
        using (entity, invoice_id, line_position, position_in_bundle)
    left join lines_as_written
        using (entity, invoice_id, line_position, position_in_bundle)
    group by all
),

of_one_item as (
    select
        entity,
        billing_key,
        item_id,
        item_id as invoice_item_id,
        previewed.quantity as preview_quantity,
        invoiced.quantity as invoice_quantity,
        previewed.amount as preview_amount,
        invoiced.amount as invoice_amount,
        previewed.net_amount as preview_net_amount,
        invoiced.net_amount as invoice_net_amount
    from previewed
    inner join invoiced using (entity, billing_key, item_id)
),

left_of_preview as (
    select
        previewed.*,
        row_number() over (
            partition by previewed.entity, previewed.billing_key, previewed.net_amount
            order by previewed.item_id
        ) as turn
    from previewed
    anti join of_one_item using (entity, billing_key, item_id)
),

left_of_invoice as (
    select
        invoiced.*,
        row_number() over (
            partition by invoiced.entity, invoiced.billing_key, invoiced.net_amount
            order by invoiced.item_id
        ) as turn
    from invoiced
    anti join of_one_item using (entity, billing_key, item_id)
),

-- Another item for the same money is the same thing under another name.
paired as (
    select
        entity,
        billing_key,
        left_of_preview.item_id,
        left_of_invoice.item_id as invoice_item_id,
        left_of_preview.quantity as preview_quantity,
        left_of_invoice.quantity as invoice_quantity,
        left_of_preview.amount as preview_amount,
        left_of_invoice.amount as invoice_amount,
        left_of_preview.net_amount as preview_net_amount,
        left_of_invoice.net_amount as invoice_net_amount
    from left_of_preview
    full join left_of_invoice using (entity, billing_key, net_amount, turn)
),

compared as (
    select * from of_one_item
    union all by name
    select * from paired
),

judged as (
    select
        *,
        coalesce(
            preview_amount = invoice_amount
            or abs(preview_net_amount - invoice_net_amount) <= {{ cent }},
            false
        ) as has_same_amount
    from compared
)

select
    judged.entity,
    judged.billing_key,
    row_number() over (
        partition by judged.entity, judged.billing_key
        order by judged.item_id nulls last, judged.invoice_item_id, judged.invoice_amount
    ) as line_position,
    judged.item_id,
    judged.invoice_item_id,
    coalesce(items.item_name, invoice_items.item_name) as item_name,
    invoice_items.item_name as invoice_item_name,
    judged.preview_quantity,
    judged.invoice_quantity,
    judged.preview_amount,
    judged.invoice_amount,
    nullif(
        concat_ws(
            ', ',
            case when judged.invoice_amount is null then 'only_preview' end,
            case when judged.preview_amount is null then 'only_invoice' end,
            case when judged.item_id <> judged.invoice_item_id then 'item' end,
            case
                when judged.preview_quantity <> judged.invoice_quantity then 'quantity'
            end,
            case
                when
                    not judged.has_same_amount
                    and judged.preview_amount * judged.invoice_quantity
                    <> judged.invoice_amount * judged.preview_quantity
                    then 'price'
            end
        ),
        ''
    ) as reasons,
    case
        when judged.invoice_amount is null then 'only_preview'
        when judged.preview_amount is null then 'only_invoice'
        when
            judged.has_same_amount
            and judged.preview_quantity = judged.invoice_quantity
            and judged.item_id = judged.invoice_item_id
            then 'matched'
        else 'differs'
    end as verdict
from judged
left join items
    on judged.entity = items.entity and judged.item_id = items.item_id
left join items as invoice_items
    on judged.entity = invoice_items.entity and judged.invoice_item_id = invoice_items.item_id
