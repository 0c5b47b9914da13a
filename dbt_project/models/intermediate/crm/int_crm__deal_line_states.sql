{%- set for_ever = "timestamptz '9999-12-31 00:00:00+00'" -%}
with versions as (
    select * from {{ ref('stg_salesforce__opportunity_line_item_versions') }}
),

products as (
    select * from {{ ref('stg_salesforce__products') }}
),

-- A purged line says nothing but that it is gone.
completed as (
    select
        *,
        coalesce(opportunity_id, lag(opportunity_id) over by_time) as deal_id,
        min(created_at) over (partition by entity, opportunity_line_item_id) as line_created_at
    from versions
    window by_time as (partition by entity, opportunity_line_item_id order by version)
)

select
    'salesforce' as crm_system,
    completed.entity as crm_entity,
    completed.deal_id,
    completed.opportunity_line_item_id as deal_line_id,
    completed.product_id,
    coalesce(completed.product_code, products.product_code) as product_code,
    products.sku,
    coalesce(products.product_name, completed.line_item_name) as product_name,
    completed.description,
    completed.sort_order,
    completed.quantity,
    cast(
        cast(completed.total_amount as decimal(28, 8)) / nullif(completed.quantity, 0)
        as decimal(20, 8)
    ) as unit_price,
    completed.total_amount as line_amount,
    completed.is_deleted,
    completed.service_date,
    completed.line_created_at as created_at,
    completed.updated_at as valid_from,
    lead(completed.updated_at, 1, {{ for_ever }}) over (
        partition by completed.entity, completed.opportunity_line_item_id order by completed.version
    ) as valid_until
from completed
left join products using (entity, product_id)
