with latest as (
    {{ latest_versions(source('raw_quickbooks', 'items')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "FullyQualifiedName": "VARCHAR",
            "Sku": "VARCHAR",
            "Type": "VARCHAR",
            "Active": "BOOLEAN",
            "UnitPrice": "DECIMAL(20,8)",
            "PurchaseCost": "DECIMAL(20,8)"
        }') as item
    from latest
)

select
    entity,
    record_id as item_id,
    item.name as item_name,
    item.fullyqualifiedname as qualified_name,
    item.sku,
    item.type as item_type,
    item.unitprice as unit_price,
    item.purchasecost as unit_cost,
    coalesce(item.active, true) as is_active,
    extracted_at
from parsed
