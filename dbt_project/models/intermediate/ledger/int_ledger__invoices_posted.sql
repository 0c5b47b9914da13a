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
    greatest(least(coalesce(invoices.deposit_amount, 0), invoices.total_amount), 0)
        as deposit_amount,
    invoices.txn_date,
    -- A negative invoice is a credit, and a credit ages from its own date.
    case
        when invoices.total_amount < 0 then invoices.txn_date
        else coalesce(invoices.due_date, invoices.txn_date + terms.due_days, invoices.txn_date)
    end as due_date
from invoices
left join terms using (entity, term_id)
