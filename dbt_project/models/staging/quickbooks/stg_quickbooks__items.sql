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
            "SyncToken": "VARCHAR",
            "Taxable": "BOOLEAN",
            "IncomeAccountRef": {"value": "VARCHAR"},
            "ItemGroupDetail": {
                "ItemGroupLine": [{"ItemRef": {"value": "VARCHAR"}, "Qty": "DECIMAL(20,8)"}]
            },
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
    item.incomeaccountref.value as income_account_id,
    item.itemgroupdetail.itemgroupline as group_members,
    item.synctoken as sync_token,
    item.unitprice as unit_price,
    item.purchasecost as unit_cost,
    item.taxable as is_taxable,
    coalesce(item.active, true) as is_active,
    extracted_at
from parsed
