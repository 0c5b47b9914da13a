with invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice' and total > 0
),

applications as (
    select * from {{ ref('int_collection__applications_timed') }}
    where is_within_terms
),

applied_within_terms as (
    select
        entity,
        invoice_id,
        sum(applied_amount) as applied_amount
    from applications
    group by all
)

select
    invoices.entity,
    invoices.document_id as invoice_id,
    invoices.customer_id,
    invoices.due_date,
    {{ money_in_home('invoices.total', 'invoices.exchange_rate') }} as total_home,
    {{ money_in_home(
        'least(coalesce(applied_within_terms.applied_amount, 0), invoices.total)',
        'invoices.exchange_rate'
    ) }} as collected_home,
    coalesce(applied_within_terms.applied_amount >= invoices.total, false)
        as is_collected_within_terms
from invoices
left join applied_within_terms
    on
        invoices.entity = applied_within_terms.entity
        and invoices.document_id = applied_within_terms.invoice_id
