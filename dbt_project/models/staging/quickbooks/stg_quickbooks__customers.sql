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
            "SyncToken": "VARCHAR",
            "Taxable": "BOOLEAN",
            "PrimaryEmailAddr": {"Address": "VARCHAR"},
            "PrimaryPhone": {"FreeFormNumber": "VARCHAR"},
            "WebAddr": {"URI": "VARCHAR"},
            "BillAddr": {
                "Line1": "VARCHAR", "Line2": "VARCHAR", "Line3": "VARCHAR", "Line4": "VARCHAR",
                "Line5": "VARCHAR", "City": "VARCHAR", "CountrySubDivisionCode": "VARCHAR",
                "PostalCode": "VARCHAR", "Country": "VARCHAR"
            },
            "DefaultTaxCodeRef": {"value": "VARCHAR"},
            "ResaleNum": "VARCHAR",
            "MetaData": {"CreateTime": "TIMESTAMPTZ"},
            "Notes": "VARCHAR",
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
    customer.primaryemailaddr.address as email,
    customer.primaryphone.freeformnumber as phone,
    customer.webaddr.uri as website,
    customer.billaddr as billing_address,
    customer.defaulttaxcoderef.value as default_tax_code_id,
    nullif(trim(customer.resalenum), '') as tax_id,
    customer.notes,
    customer.synctoken as sync_token,
    customer.balance as balance_amount,
    customer.taxable as is_taxable,
    customer.active as is_active,
    customer.metadata.createtime as created_at,
    extracted_at
from parsed
