with deals as (
    select * from {{ ref('int_thread__deals') }}
    where not is_deleted
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
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
)

select
    deals.entity,
    line_names.deal_line_id,
    arg_min(
        item_names.item_id,
        (
            line_names.preference, item_names.preference, not item_names.is_active,
            item_names.item_id
        )
    ) as item_id
from deals
inner join deal_lines using (crm_entity, deal_id)
inner join line_names using (crm_entity, deal_line_id)
inner join item_names
    on deals.entity = item_names.entity and line_names.item_key = item_names.item_key
group by all
