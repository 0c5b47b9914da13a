{#- A description is like a deal line's product from this similarity on. -#}
{%- set similarity_min = 0.8 -%}
{%- set line_key = 'entity, invoice_id, line_position, position_in_bundle' -%}
with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

deal_lines as (
    select
        *,
        round(unit_price, 2) as price_key
    from {{ ref('int_thread__deal_lines') }}
),

deal_items as (
    select
        entity,
        deal_id,
        item_id,
        list(price_key) as price_keys,
        sum(quantity) as quantity
    from deal_lines
    where item_id is not null
    group by all
),

dated_lines as (
    select
        invoice_lines.*,
        round(invoice_lines.unit_price, 2) as price_key,
        invoices.txn_date
    from invoice_lines
    inner join invoices using (entity, invoice_id)
),

linked_lines as (
    select
        dated_lines.*,
        links.deal_id,
        deal_items.item_id is not null as has_item,
        coalesce(list_contains(deal_items.price_keys, dated_lines.price_key), false) as has_price,
        coalesce(dated_lines.quantity <= deal_items.quantity, false) as has_quantity,
        count(*) over (partition by {{ line_key }}) as deals_count
    from dated_lines
    inner join links using (entity, invoice_id)
    left join deal_items
        on
            links.entity = deal_items.entity
            and links.deal_id = deal_items.deal_id
            and dated_lines.item_id = deal_items.item_id
),

-- Of several deals a line is that one's which sells its item, best at its price and quantity.
placed_by_item as (
    select *
    from linked_lines
    where has_item or deals_count = 1
    qualify row_number() over (
        partition by {{ line_key }} order by not has_price, not has_quantity, deal_id
    ) = 1
),

nets_by_item as (
    select
        entity,
        invoice_id,
        deal_id,
        sum(net_amount) as net_amount
    from placed_by_item
    group by all
),

leading_deals as (
    select
        links.entity,
        links.invoice_id,
        arg_min(links.deal_id, (-coalesce(nets_by_item.net_amount, 0), links.deal_id)) as deal_id
    from links
    left join nets_by_item using (entity, invoice_id, deal_id)
    group by all
),

placed as (
    select * from placed_by_item
    union all
    select linked_lines.*
    from linked_lines
    semi join leading_deals using (entity, invoice_id, deal_id)
    anti join placed_by_item using ({{ line_key }})
),

-- Both sides end to end: an invoice line falls on the deal line at which it begins.
begun as (
    select
        *,
        coalesce(sum(greatest(quantity, 0)) over (
            partition by entity, deal_id, item_id, if(has_price, price_key, null)
            order by
                txn_date, {{ document_order('invoice_id') }}, line_position, position_in_bundle
            rows between unbounded preceding and 1 preceding
        ), 0) as begins_at
    from placed
    where has_item
),

deal_lines_by_price as (
    select
        entity,
        deal_id,
        deal_line_id,
        item_id,
        price_key,
        sum(quantity) over (
            partition by entity, deal_id, item_id, price_key order by line_position
        ) - quantity as begins_at
    from deal_lines
),

by_price as (
    select
        begun.*,
        deal_lines_by_price.deal_line_id
    from begun
    asof inner join deal_lines_by_price
        on
            begun.entity = deal_lines_by_price.entity
            and begun.deal_id = deal_lines_by_price.deal_id
            and begun.item_id = deal_lines_by_price.item_id
            and begun.price_key = deal_lines_by_price.price_key
            and begun.begins_at >= deal_lines_by_price.begins_at
    where begun.has_price
),

billed_at_price as (
    select
        entity,
        deal_line_id,
        sum(quantity) as quantity
    from by_price
    group by all
),

-- What is billed at another price takes what is left, and where nothing is, the last line.
deal_lines_left as (
    select
        deal_lines.entity,
        deal_lines.deal_id,
        deal_lines.deal_line_id,
        deal_lines.item_id,
        deal_lines.line_position,
        greatest(deal_lines.quantity - coalesce(billed_at_price.quantity, 0), 0) as quantity
    from deal_lines
    left join billed_at_price using (entity, deal_line_id)
    qualify
        deal_lines.quantity > coalesce(billed_at_price.quantity, 0)
        or deal_lines.line_position = max(deal_lines.line_position) over (
            partition by deal_lines.entity, deal_lines.deal_id, deal_lines.item_id
        )
),

deal_lines_by_item as (
    select
        entity,
        deal_id,
        deal_line_id,
        item_id,
        sum(quantity) over (
            partition by entity, deal_id, item_id order by line_position
        ) - quantity as begins_at
    from deal_lines_left
),

by_item as (
    select
        begun.*,
        deal_lines_by_item.deal_line_id
    from begun
    asof inner join deal_lines_by_item
        on
            begun.entity = deal_lines_by_item.entity
            and begun.deal_id = deal_lines_by_item.deal_id
            and begun.item_id = deal_lines_by_item.item_id
            and begun.begins_at >= deal_lines_by_item.begins_at
    where not begun.has_price
),

-- Without an item in common, an equal amount is the same thing under a similar name, or, where the
-- books do not know the product, as many at the same price.
alike as (
    select
        placed.*,
        deal_lines.deal_line_id,
        deal_lines.line_position as deal_line_position,
        deal_lines.item_id is null
        and placed.quantity = deal_lines.quantity
        and placed.price_key = deal_lines.price_key as is_alike_in_numbers,
        greatest(
            jaro_winkler_similarity(lower(deal_lines.product_name), lower(placed.item_name)),
            jaro_winkler_similarity(lower(deal_lines.product_name), lower(placed.description))
        ) as similarity
    from placed
    inner join deal_lines
        on
            placed.entity = deal_lines.entity
            and placed.deal_id = deal_lines.deal_id
            and placed.net_amount = deal_lines.line_amount
    where not placed.has_item
),

by_amount as (
    select *
    from alike
    where is_alike_in_numbers or similarity >= {{ similarity_min }}
    qualify
        row_number() over (
            partition by {{ line_key }} order by -similarity, deal_line_position
        ) = 1
        and row_number() over (
            partition by entity, deal_line_id
            order by -similarity, txn_date, {{ document_order('invoice_id') }}, line_position
        ) = 1
),

matched as (
    {% for source in ['by_price', 'by_item', 'by_amount'] %}
        select
            {{ line_key }},
            deal_line_id
        from {{ source }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    invoice_lines.entity,
    invoice_lines.invoice_id,
    invoice_lines.line_position,
    invoice_lines.position_in_bundle,
    placed.deal_id,
    matched.deal_line_id,
    invoice_lines.quantity,
    invoice_lines.net_amount
from invoice_lines
left join placed using ({{ line_key }})
left join matched using ({{ line_key }})
