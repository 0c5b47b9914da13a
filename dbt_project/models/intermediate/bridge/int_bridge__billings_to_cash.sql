with invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice' and txn_date <= {{ as_of_date() }}
),

invoice_shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
),

settlements as (
    select * from {{ ref('int_bridge__settlements_shared') }}
),

cash as (
    select * from {{ ref('int_bridge__cash_received') }}
),

billed as (
    select
        invoices.entity,
        cast(date_trunc('month', invoices.txn_date) as date) as month,
        invoice_shares.deal_id,
        invoices.document_type,
        invoices.document_id,
        invoices.customer_id,
        invoice_shares.gross_amount_home as amount_home,
        invoice_shares.gross_amount as amount,
        invoices.currency
    from invoices
    inner join invoice_shares
        on
            invoices.entity = invoice_shares.entity
            and invoices.document_id = invoice_shares.invoice_id
),

applied_at_once as (
    select
        entity,
        means_document_type as document_type,
        means_document_id as document_id,
        sum(means_home) as amount_home,
        sum(amount) as amount
    from settlements
    where is_cash_of_month
    group by all
),

-- Cash that no deal has got in the month in which it came.
kept as (
    select
        cash.entity,
        cash.month,
        cash.category,
        cast(null as varchar) as deal_id,
        cash.document_type,
        cash.document_id,
        cash.customer_id,
        cash.amount_home - coalesce(applied_at_once.amount_home, 0) as amount_home,
        cash.amount - coalesce(applied_at_once.amount, 0) as amount,
        cash.currency
    from cash
    left join applied_at_once using (entity, document_type, document_id)
    where cash.amount <> coalesce(applied_at_once.amount, 0)
),

settled as (
    select
        entity,
        month,
        category,
        deal_id,
        document_type,
        document_id,
        customer_id,
        relief_home as amount_home,
        amount,
        currency
    from settlements
),

-- What settles counts as the settled customer's, so that each customer's bridge closes.
means as (
    select
        entity,
        month,
        if(is_cash_of_month, 'closing', means_category) as category,
        deal_id,
        means_document_type as document_type,
        means_document_id as document_id,
        customer_id,
        if(is_cash_of_month, means_home, -means_home) as amount_home,
        if(is_cash_of_month, amount, -amount) as amount,
        currency
    from settlements
),

fx as (
    select
        entity,
        month,
        'fx' as category,
        deal_id,
        means_document_type as document_type,
        means_document_id as document_id,
        customer_id,
        fx_home as amount_home,
        currency
    from settlements
    where fx_home <> 0
),

contributions as (
    select
        *,
        'opening' as category
    from billed
    union all by name
    select
        * replace (-amount_home as amount_home, -amount as amount),
        'still_open' as category
    from billed
    union all by name
    select * from settled
    union all by name
    select * from means
    union all by name
    select * from fx
    union all by name
    select * from kept
    union all by name
    select * replace ('closing' as category)
    from kept
)

select
    entity,
    month,
    'C' as section,
    category,
    deal_id,
    document_type,
    document_id,
    customer_id,
    cast(sum(amount_home) as decimal(18, 2)) as amount_home,
    cast(sum(amount) as decimal(18, 2)) as amount,
    currency
from contributions
group by all
having sum(amount_home) <> 0
