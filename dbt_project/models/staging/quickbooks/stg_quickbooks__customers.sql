with latest as (
    {{ latest_versions(source('raw_quickbooks', 'customers')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "DisplayName": "VARCHAR",
            "CompanyName": "VARCHAR",
            "Active": "BOOLEAN",
            "ParentRef": {"value": "VARCHAR"},
            "SalesTermRef": {"value": "VARCHAR"},
            "CustomerTypeRef": {"value": "VARCHAR", "name": "VARCHAR"},
            "CurrencyRef": {"value": "VARCHAR"},
            "Balance": "DECIMAL(18,2)"
        }') as customer
    from latest
)

select
    entity,
    record_id as customer_id,
    customer.parentref.value as parent_customer_id,
    customer.salestermref.value as term_id,
    customer.displayname as customer_name,
    customer.companyname as company_name,
    customer.customertyperef.value as customer_type_id,
    customer.customertyperef.name as customer_type_name,
    customer.currencyref.value as currency,
    customer.balance as balance_amount,
    customer.active as is_active,
    extracted_at
from parsed
