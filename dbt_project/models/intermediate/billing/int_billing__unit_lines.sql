with units as (
    select * from {{ ref('int_billing__units') }}
),

deal_lines as (
    select
        *,
        coalesce(sales_price, unit_price) as price,
        coalesce(discount_percent, 0) as discount
    from {{ ref('int_crm__deal_lines') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

line_items as (
    select * from {{ ref('int_thread__line_items') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

whole_lines as (
    select
        units.entity,
        units.billing_key,
        deal_lines.deal_line_id,
        deal_lines.line_position,
        deal_lines.description,
        deal_lines.quantity,
        round(try_cast(deal_lines.quantity as decimal(18, 8)) * deal_lines.price, 2)
            as gross_amount,
        deal_lines.line_amount,
        deal_lines.service_date
    from units
    inner join deal_lines using (crm_entity, deal_id)
    anti join instalments
        on
            deal_lines.crm_entity = instalments.crm_entity
            and deal_lines.deal_line_id = instalments.deal_line_id
    where units.instalment_id is null
),

-- An instalment that states no quantity takes as much of the line's as of its amount; with one, it
-- need not be worth that at the line's price.
instalment_lines as (
    select
        units.entity,
        units.billing_key,
        deal_lines.deal_line_id,
        deal_lines.line_position,
        coalesce(instalments.description, deal_lines.description) as description,
        coalesce(
            nullif(instalments.quantity, 0),
            cast(
                deal_lines.quantity * units.amount / nullif(deal_lines.line_amount, 0)
                as decimal(20, 8)
            )
        ) as quantity,
        coalesce(
            round(100 * units.amount / nullif(100 - deal_lines.discount, 0), 2), units.amount
        ) as gross_amount,
        units.amount as line_amount,
        coalesce(deal_lines.service_date, units.instalment_date) as service_date
    from units
    inner join deal_lines using (crm_entity, deal_id, deal_line_id)
    inner join instalments using (crm_entity, instalment_id)
),

lines as (
    select * from whole_lines
    union all by name
    select * from instalment_lines
)

select
    lines.entity,
    lines.billing_key,
    lines.deal_line_id,
    lines.line_position,
    line_items.item_id,
    items.item_type,
    coalesce(deal_lines.product_code, deal_lines.sku) as product_code,
    deal_lines.product_name,
    lines.description,
    lines.quantity,
    case
        when
            round(try_cast(lines.quantity as decimal(18, 8)) * deal_lines.price, 2)
            = cast(lines.gross_amount as decimal(18, 2))
            then deal_lines.price
        else cast(lines.gross_amount / nullif(lines.quantity, 0) as decimal(20, 8))
    end as unit_price,
    deal_lines.discount as discount_percent,
    cast(lines.gross_amount as decimal(18, 2)) as gross_amount,
    lines.line_amount,
    lines.service_date
from lines
inner join units using (entity, billing_key)
inner join deal_lines
    on
        units.crm_entity = deal_lines.crm_entity
        and lines.deal_line_id = deal_lines.deal_line_id
left join line_items
    on lines.entity = line_items.entity and lines.deal_line_id = line_items.deal_line_id
left join items
    on lines.entity = items.entity and line_items.item_id = items.item_id
