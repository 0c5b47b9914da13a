with latest as (
    {{ latest_versions(source('raw_salesforce', 'products')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "ProductCode": "VARCHAR",
            "StockKeepingUnit": "VARCHAR",
            "Family": "VARCHAR",
            "IsActive": "BOOLEAN"
        }') as product
    from latest
)

select
    entity,
    record_id as product_id,
    product.name as product_name,
    product.productcode as product_code,
    product.stockkeepingunit as sku,
    product.family,
    product.isactive as is_active,
    extracted_at
from parsed
