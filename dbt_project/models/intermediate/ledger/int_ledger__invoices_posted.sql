{{ config(materialized='view') }}

with invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

terms as (
    select * from {{ ref('stg_quickbooks__terms') }}
),

with_terms as (
    select
        invoices.*,
        {{ due_by_terms('invoices.txn_date', 'terms') }} as due_date_by_terms
    from invoices
    left join terms using (entity, term_id)
)

select
    entity,
    'invoice' as document_type,
    invoice_id as document_id,
    'invoice' as transaction_type,
    invoice_id as transaction_id,
    cast(null as varchar) as line_id,
    document_number,
    customer_id,
    customer_name,
    currency,
    exchange_rate,
    total_amount as total,
    greatest(least(coalesce(deposit_amount, 0), total_amount), 0) as deposit_amount,
    txn_date,
    case
        -- A negative invoice is a credit, and a credit ages from its own date.
        when total_amount < 0 then txn_date
        when due_date is not null then due_date
        else due_date_by_terms
    end as due_date
from with_terms
