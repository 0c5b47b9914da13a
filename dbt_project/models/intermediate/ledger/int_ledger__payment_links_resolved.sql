with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

payments as (
    select * from {{ ref('stg_quickbooks__payments') }}
),

payment_lines as (
    select * from {{ ref('stg_quickbooks__payment_lines') }}
),

-- A payment names a journal entry, deposit or cheque only as a whole. Where its receivable lines
-- are of several customers, meant are those of the payment's, or all where none is.
scoped_documents as (
    select
        *,
        customer_id as customer_scope
    from documents
    where total <> 0
    window same_transaction as (partition by entity, transaction_type, transaction_id)
    qualify min(customer_id) over same_transaction <> max(customer_id) over same_transaction
    union all by name
    select
        *,
        '*' as customer_scope
    from documents
    where total <> 0
),

scope_sides as (
    select
        entity,
        transaction_type,
        transaction_id,
        customer_scope,
        case when sum(total) < 0 then 'source' else 'target' end as side
    from scoped_documents
    group by all
),

document_ranges as (
    select
        scoped_documents.entity,
        scoped_documents.transaction_type,
        scoped_documents.transaction_id,
        scoped_documents.customer_scope,
        scoped_documents.document_type,
        scoped_documents.document_id,
        scoped_documents.document_order,
        scoped_documents.txn_date,
        scope_sides.side,
        scoped_documents.currency,
        sum(abs(scoped_documents.total)) over lines_so_far
        - abs(scoped_documents.total) as range_start,
        -- A deposit taken on an invoice comes before any payment.
        sum(abs(scoped_documents.total)) over lines_so_far
        - scoped_documents.deposit_amount as range_end
    from scoped_documents
    inner join scope_sides using (entity, transaction_type, transaction_id, customer_scope)
    where (scope_sides.side = 'source') = (scoped_documents.total < 0)
    window lines_so_far as (
        partition by
            scoped_documents.entity,
            scoped_documents.transaction_type,
            scoped_documents.transaction_id,
            scoped_documents.customer_scope
        order by scoped_documents.document_order
        rows between unbounded preceding and current row
    )
),

links as (
    select
        payment_lines.entity,
        payment_lines.payment_id,
        payment_lines.line_position,
        payment_lines.link_position,
        payment_lines.linked_transaction_id as transaction_id,
        payments.customer_id,
        posted_payments.currency,
        payment_lines.amount,
        payments.txn_date,
        case payment_lines.linked_transaction_type
            when 'Invoice' then 'invoice'
            when 'CreditMemo' then 'credit_memo'
            when 'JournalEntry' then 'journal_entry'
            when 'Deposit' then 'deposit'
            when 'Check' then 'purchase'
            when 'Expense' then 'purchase'
            when 'CreditCardCredit' then 'purchase'
            when 'Purchase' then 'purchase'
        end as transaction_type
    from payment_lines
    inner join payments using (entity, payment_id)
    inner join documents as posted_payments
        on
            payments.entity = posted_payments.entity
            and payments.payment_id = posted_payments.document_id
            and posted_payments.document_type = 'payment'
),

scoped_links as (
    select
        links.*,
        coalesce(scope_sides.customer_scope, '*') as customer_scope
    from links
    left join scope_sides
        on
            links.entity = scope_sides.entity
            and links.transaction_type = scope_sides.transaction_type
            and links.transaction_id = scope_sides.transaction_id
            and links.customer_id = scope_sides.customer_scope
),

link_ranges as (
    select
        *,
        sum(amount) over links_so_far - amount as range_start,
        sum(amount) over links_so_far as range_end
    from scoped_links
    window links_so_far as (
        partition by entity, transaction_type, transaction_id, customer_scope, currency
        order by
            txn_date, {{ document_order('payment_id') }}, line_position, link_position
        rows between unbounded preceding and current row
    )
)

select
    link_ranges.entity,
    link_ranges.payment_id,
    link_ranges.line_position,
    link_ranges.link_position,
    document_ranges.document_type,
    document_ranges.document_id,
    document_ranges.document_order,
    document_ranges.side,
    cast(
        least(link_ranges.range_end, document_ranges.range_end)
        - greatest(link_ranges.range_start, document_ranges.range_start) as decimal(18, 2)
    ) as amount,
    document_ranges.txn_date
from link_ranges
inner join document_ranges
    on
        link_ranges.entity = document_ranges.entity
        and link_ranges.transaction_type = document_ranges.transaction_type
        and link_ranges.transaction_id = document_ranges.transaction_id
        and link_ranges.customer_scope = document_ranges.customer_scope
        and link_ranges.currency = document_ranges.currency
        and link_ranges.range_end > document_ranges.range_start
        and link_ranges.range_start < document_ranges.range_end
where link_ranges.amount > 0
