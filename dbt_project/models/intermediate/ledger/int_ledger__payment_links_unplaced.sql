with payment_lines as (
    select
        *,
        {{ linked_transaction_type('linked_transaction_type') }} as transaction_type
    from {{ ref('stg_quickbooks__payment_lines') }}
),

resolved_links as (
    select * from {{ ref('int_ledger__payment_links_resolved') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

present_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where open_amount <> 0 and holds_until_date = date '9999-12-31'
),

placed as (
    select
        entity,
        payment_id,
        line_position,
        link_position,
        sum(amount) as amount
    from resolved_links
    group by all
),

transactions as (
    select
        documents.entity,
        documents.transaction_type,
        documents.transaction_id,
        min(documents.currency) as currency,
        count(present_amounts.document_id) > 0 as has_something_left
    from documents
    left join present_amounts using (entity, document_type, document_id)
    where documents.total <> 0
    group by all
)

select
    payment_lines.entity,
    payment_lines.payment_id,
    payment_lines.line_position,
    payment_lines.link_position,
    payment_lines.linked_transaction_type,
    payment_lines.linked_transaction_id,
    case
        when transactions.transaction_id is null then 'no_such_receivable'
        when transactions.currency <> payments.currency then 'another_currency'
        when transactions.has_something_left then 'not_covered'
        else 'nothing_left'
    end as reason,
    cast(payment_lines.amount - coalesce(placed.amount, 0) as decimal(18, 2)) as amount,
    transactions.currency as linked_currency
from payment_lines
inner join documents as payments
    on
        payment_lines.entity = payments.entity
        and payment_lines.payment_id = payments.document_id
        and payments.document_type = 'payment'
left join placed
    on
        payment_lines.entity = placed.entity
        and payment_lines.payment_id = placed.payment_id
        and payment_lines.line_position = placed.line_position
        and payment_lines.link_position = placed.link_position
left join transactions
    on
        payment_lines.entity = transactions.entity
        and payment_lines.transaction_type = transactions.transaction_type
        and payment_lines.linked_transaction_id = transactions.transaction_id
where payment_lines.amount > coalesce(placed.amount, 0)
