with latest as (
    {{ latest_versions(source('raw_quickbooks', 'tax_codes')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "Active": "BOOLEAN",
            "Taxable": "BOOLEAN",
            "SalesTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "VARCHAR"}}]}
        }') as tax_code
    from latest
)

select
    entity,
    record_id as tax_code_id,
    tax_code.name as tax_code_name,
    [
        detail.taxrateref.value for detail in coalesce(tax_code.salestaxratelist.taxratedetail, [])
    ] as sales_tax_rate_ids,
    coalesce(tax_code.taxable, false) as is_taxable,
    coalesce(tax_code.active, true) as is_active,
    extracted_at
from parsed
