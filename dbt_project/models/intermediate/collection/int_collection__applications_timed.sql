with applications as (
    select * from {{ ref('int_ledger__applications') }}
),

invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice'
)

select
    invoices.entity,
    invoices.document_id as invoice_id,
    invoices.customer_id,
    applications.effective_date,
    applications.applied_amount,
    {{ money_in_home('applications.applied_amount', 'invoices.exchange_rate') }} as applied_home,
    cast(applications.effective_date - invoices.txn_date as integer) as days_to_pay,
    applications.effective_date <= invoices.due_date as is_within_terms
from applications
inner join invoices
    on
        applications.entity = invoices.entity
        and applications.target_document_type = invoices.document_type
        and applications.target_document_id = invoices.document_id
