with invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

terms as (
    select * from {{ ref('stg_quickbooks__terms') }}
)

select
    invoices.entity,
    'invoice' as document_type,
    invoices.invoice_id as document_id,
    'invoice' as transaction_type,
    invoices.invoice_id as transaction_id,
    cast(null as varchar) as line_id,
    invoices.document_number,
    invoices.customer_id,
    invoices.customer_name,
    invoices.currency,
    invoices.exchange_rate,
    invoices.total_amount as total,
    coalesce(invoices.deposit_amount, 0) as deposit_amount,
    invoices.txn_date,
    coalesce(
        invoices.due_date, invoices.txn_date + terms.due_days, invoices.txn_date
    ) as due_date
from invoices
left join terms using (entity, term_id)
