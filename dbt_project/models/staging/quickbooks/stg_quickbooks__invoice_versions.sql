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
        versions.extracted_at,
        coalesce(versions.source_updated_at, versions.extracted_at) as updated_at,
        json_transform(versions.payload, '{
            "CustomerRef": {"value": "VARCHAR"},
            "SalesTermRef": {"value": "VARCHAR"},
            "PrivateNote": "VARCHAR",
            "DocNumber": "VARCHAR",
            "TxnDate": "DATE",
            "SyncToken": "VARCHAR",
            "TotalAmt": "DECIMAL(18,2)",
            "MetaData": {"CreateTime": "TIMESTAMPTZ"},
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
    invoice.txndate as txn_date,
    invoice.docnumber as document_number,
    invoice.privatenote as private_note,
    invoice.synctoken as sync_token,
    invoice.totalamt as total_amount,
    invoice.line as lines,
    is_deleted,
    invoice.metadata.createtime as created_at,
    updated_at,
    extracted_at
from parsed
