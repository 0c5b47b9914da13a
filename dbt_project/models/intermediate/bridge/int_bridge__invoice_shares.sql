with invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice'
)

select
    entity,
    document_id as invoice_id,
    cast(null as varchar) as deal_id,
    cast(1 as decimal(20, 8)) as gross_share,
    total as gross_amount,
    {{ money_in_home('total', 'exchange_rate') }} as gross_amount_home
from invoices
where total <> 0
