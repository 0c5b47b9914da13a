with versions as (
    select * from {{ source('raw_salesforce', 'opportunity_line_items') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        is_deleted,
        extracted_at,
        {{ shown_count(['Product2Id', 'Quantity', 'UnitPrice', 'Discount', 'TotalPrice']) }}
            as content_fields_count,
        coalesce(source_updated_at, extracted_at) as updated_at,
        {{ fields_as_shown('payload', [
            'Id', 'OpportunityId', 'Product2Id', 'Quantity', 'UnitPrice', 'Discount', 'TotalPrice',
        ]) }} as reviewed_fields,
        json_transform(payload, '{
            "OpportunityId": "VARCHAR",
            "Product2Id": "VARCHAR",
            "ProductCode": "VARCHAR",
            "Name": "VARCHAR",
            "Description": "VARCHAR",
            "Quantity": "DECIMAL(20,8)",
            "UnitPrice": "DECIMAL(20,8)",
            "Discount": "DECIMAL(9,4)",
            "TotalPrice": "DECIMAL(18,2)",
            "SortOrder": "INTEGER",
            "ServiceDate": "DATE",
            "CreatedDate": "TIMESTAMPTZ"
        }') as line_item
    from versions
)

select
    entity,
    record_id as opportunity_line_item_id,
    version,
    line_item.opportunityid as opportunity_id,
    line_item.product2id as product_id,
    line_item.productcode as product_code,
    line_item.name as line_item_name,
    line_item.description,
    line_item.quantity,
    line_item.unitprice as sales_price,
    line_item.discount as discount_percent,
    line_item.totalprice as total_amount,
    line_item.sortorder as sort_order,
    content_fields_count,
    is_deleted,
    line_item.servicedate as service_date,
    line_item.createddate as created_at,
    reviewed_fields,
    updated_at,
    extracted_at
from parsed
