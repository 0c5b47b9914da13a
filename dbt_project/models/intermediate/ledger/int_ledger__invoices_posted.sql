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
        terms.term_type,
        terms.due_days,
        coalesce(terms.due_next_month_days, 0) as notice_days,
        {{ day_of_month('invoices.txn_date', 'coalesce(terms.day_of_month_due, 1)') }}
            as due_in_month,
        {{ day_of_month(
            'cast(invoices.txn_date + interval 1 month as date)',
            'coalesce(terms.day_of_month_due, 1)'
        ) }} as due_in_next_month
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
        -- Too close to the due day of its month, an invoice falls due in the next.
        when term_type = 'DATE_DRIVEN' and due_in_month - txn_date < greatest(notice_days, 0)
            then due_in_next_month
        when term_type = 'DATE_DRIVEN' then due_in_month
        else txn_date + coalesce(due_days, 0)
    end as due_date
from with_terms
