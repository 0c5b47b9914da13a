with invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where net_amount > 0
),

invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

accepted_links as (
    select * from {{ ref('int_thread__links_stated') }}
    where verdict = 'accepted'
),

unlinked as (
    select invoices.*
    from invoices
    anti join accepted_links using (entity, invoice_id)
)

select
    unlinked.entity,
    unlinked.invoice_id,
    unlinked.customer_id,
    unlinked.currency,
    invoice_lines.item_id,
    sum(invoice_lines.quantity) as quantity,
    cast(sum(invoice_lines.net_amount) as decimal(18, 2)) as amount,
    unlinked.net_amount as invoice_amount,
    unlinked.txn_date
from unlinked
inner join invoice_lines using (entity, invoice_id)
group by all
