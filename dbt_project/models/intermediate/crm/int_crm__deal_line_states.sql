{%- set for_ever = "timestamptz '9999-12-31 00:00:00+00'" -%}
with line_versions as (
    select * from {{ ref('stg_salesforce__opportunity_line_item_versions') }}
),

products as (
    select * from {{ ref('stg_salesforce__products') }}
),

timed as (
    select
        *,
        {{ version_moment('opportunity_line_item_id') }} as seen_at,
        min(created_at) over (partition by entity, opportunity_line_item_id) as line_created_at
    from line_versions
),

-- Of several at one moment the last one counts.
versions as (
    select *
    from timed
    qualify row_number() over (
        partition by entity, opportunity_line_item_id, seen_at order by version desc
    ) = 1
)

select
    'salesforce' as crm_system,
    versions.entity as crm_entity,
    versions.opportunity_id as deal_id,
    versions.opportunity_line_item_id as deal_line_id,
    versions.product_id,
    coalesce(versions.product_code, products.product_code) as product_code,
    products.sku,
    coalesce(products.product_name, versions.line_item_name) as product_name,
    products.family as product_family,
    versions.description,
    versions.sort_order,
    versions.quantity,
    versions.sales_price,
    versions.discount_percent,
    cast(
        cast(versions.total_amount as decimal(28, 8)) / nullif(versions.quantity, 0)
        as decimal(20, 8)
    ) as unit_price,
    versions.total_amount as line_amount,
    versions.is_deleted,
    versions.service_date,
    versions.line_created_at as created_at,
    versions.seen_at as valid_from,
    lead(versions.seen_at, 1, {{ for_ever }}) over (
        partition by versions.entity, versions.opportunity_line_item_id order by versions.version
    ) as valid_until
from versions
left join products using (entity, product_id)
