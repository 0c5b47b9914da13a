with deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
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
),

item_names as (
    {% for preference, name in [(1, 'sku'), (2, 'item_name'), (3, 'qualified_name')] %}
        select
            entity,
            item_id,
            lower(trim({{ name }})) as item_key,
            {{ preference }} as preference,
            is_active
        from items
        where trim({{ name }}) <> ''
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

line_names as (
    {% for preference, name in [(1, 'product_code'), (1, 'sku'), (2, 'product_name')] %}
        select
            crm_entity,
            deal_line_id,
            lower(trim({{ name }})) as item_key,
            {{ preference }} as preference
        from deal_lines
        where trim({{ name }}) <> ''
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

line_items as (
    select
        adding_up.entity,
        line_names.deal_line_id,
        arg_min(
            item_names.item_id,
            (
                line_names.preference, item_names.preference, not item_names.is_active,
                item_names.item_id
            )
        ) as item_id
    from adding_up
    inner join deal_lines using (crm_entity, deal_id)
    inner join line_names using (crm_entity, deal_line_id)
    inner join item_names
        on adding_up.entity = item_names.entity and line_names.item_key = item_names.item_key
    group by all
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
