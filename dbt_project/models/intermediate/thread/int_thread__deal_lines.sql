with deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

line_items as (
    select * from {{ ref('int_thread__line_items') }}
),

-- Lines say what was sold only if they come to what was sold.
adding_up as (
    select
        deals.entity,
        deals.crm_entity,
        deals.deal_id
    from deals
    inner join deal_lines using (crm_entity, deal_id)
    where not deals.is_deleted
    group by all
    having sum(deal_lines.line_amount) = any_value(deals.amount)
)

select
    adding_up.entity,
    deal_lines.deal_id,
    deal_lines.deal_line_id,
    deal_lines.line_position,
    line_items.item_id,
    deal_lines.product_code,
    deal_lines.product_name,
    deal_lines.quantity,
    deal_lines.unit_price,
    deal_lines.line_amount,
    deal_lines.service_date
from adding_up
inner join deal_lines using (crm_entity, deal_id)
left join line_items
    on
        adding_up.entity = line_items.entity
        and deal_lines.deal_line_id = line_items.deal_line_id
