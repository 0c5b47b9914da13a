with staged as (
    select
        entity,
        total_amount as posted
    from {{ ref('stg_quickbooks__invoices') }}
    union all
    select
        entity,
        -total_amount as posted
    from {{ ref('stg_quickbooks__credit_memos') }}
    union all
    select
        entity,
        -total_amount as posted
    from {{ ref('stg_quickbooks__payments') }}
    union all
    select
        lines.entity,
        if(lines.posting_type = 'Debit', lines.amount, -lines.amount) as posted
    from {{ ref('stg_quickbooks__journal_entry_lines') }} as lines
    semi join {{ ref('int_ledger__receivable_accounts') }} using (entity, account_id)
    union all
    select
        lines.entity,
        -lines.amount as posted
    from {{ ref('stg_quickbooks__deposit_lines') }} as lines
    semi join {{ ref('int_ledger__receivable_accounts') }} using (entity, account_id)
    union all
    select
        lines.entity,
        if(lines.is_credit, -lines.amount, lines.amount) as posted
    from {{ ref('stg_quickbooks__purchase_lines') }} as lines
    semi join {{ ref('int_ledger__receivable_accounts') }} using (entity, account_id)
),

staged_totals as (
    select
        entity,
        sum(posted) as posted,
        count(*) as posting_count
    from staged
    group by all
),

document_totals as (
    select
        entity,
        sum(total) as posted,
        count(*) as posting_count
    from {{ ref('int_ledger__documents_unioned') }}
    group by all
)

select
    entity,
    staged_totals.posted as staged_amount,
    document_totals.posted as document_amount,
    staged_totals.posting_count as staged_count,
    document_totals.posting_count as document_count
from staged_totals
full join document_totals using (entity)
where
    staged_totals.posted is distinct from document_totals.posted
    or staged_totals.posting_count is distinct from document_totals.posting_count
