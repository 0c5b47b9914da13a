with versions as (
    select * from {{ source('raw_quickbooks', 'invoices') }}
),

changed as (
    select
        entity,
        record_id
    from {{ source('raw_quickbooks', 'invoices') }}
    where version > 1
),

parsed as (
    select
        versions.entity,
        versions.record_id,
        versions.version,
        versions.is_deleted,
        coalesce(versions.source_updated_at, versions.extracted_at) as updated_at,
        json_transform(versions.payload, '{
            "CustomerRef": {"value": "VARCHAR"},
            "SalesTermRef": {"value": "VARCHAR"},
            "TotalAmt": "DECIMAL(18,2)",
            "Line": [{{ sales_line() }}]
        }') as invoice
    from versions
    semi join changed using (entity, record_id)
)

select
    entity,
    record_id as invoice_id,
    version,
    invoice.customerref.value as customer_id,
    invoice.salestermref.value as term_id,
    invoice.totalamt as total_amount,
    invoice.line as lines,
    is_deleted,
    updated_at
from parsed
