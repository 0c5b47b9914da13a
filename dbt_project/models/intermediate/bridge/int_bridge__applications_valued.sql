with applications as (
    select * from {{ ref('int_ledger__applications') }}
    where effective_date <= {{ as_of_date() }}
),

ledger_documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

cash as (
    select * from {{ ref('int_bridge__cash_received') }}
),

documents as (
    select
        entity,
        document_type,
        document_id,
        customer_id,
        document_type as kind,
        currency,
        exchange_rate,
        total,
        cast(date_trunc('month', txn_date) as date) as month
    from ledger_documents
    where document_type in ('invoice', 'credit_memo', 'journal_entry')
    union all by name
    select
        entity,
        document_type,
        document_id,
        customer_id,
        category as kind,
        currency,
        exchange_rate,
        -amount as total,
        month
    from cash
),

-- What is left of both documents, signed as they are.
left_over as (
    select
        applications.*,
        sources.customer_id as source_customer_id,
        sources.kind as source_kind,
        sources.month as source_month,
        sources.exchange_rate as source_rate,
        cast(
            sources.total + sum(applications.applied_amount) over source_so_far as decimal(18, 2)
        ) as source_open_amount,
        targets.customer_id as target_customer_id,
        targets.kind as target_kind,
        targets.month as target_month,
        targets.exchange_rate as target_rate,
        cast(
            targets.total - sum(applications.applied_amount) over target_so_far as decimal(18, 2)
        ) as target_open_amount,
        targets.currency
    from applications
    inner join documents as sources
        on
            applications.entity = sources.entity
            and applications.source_document_type = sources.document_type
            and applications.source_document_id = sources.document_id
    inner join documents as targets
        on
            applications.entity = targets.entity
            and applications.target_document_type = targets.document_type
            and applications.target_document_id = targets.document_id
    window
        source_so_far as (
            partition by
                applications.entity,
                applications.source_document_type,
                applications.source_document_id
            order by
                applications.effective_date,
                {{ document_order('applications.payment_id') }},
                applications.target_document_type,
                applications.target_document_id
            rows between unbounded preceding and current row
        ),
        target_so_far as (
            partition by
                applications.entity,
                applications.target_document_type,
                applications.target_document_id
            order by
                applications.effective_date,
                {{ document_order('applications.payment_id') }},
                applications.source_document_type,
                applications.source_document_id
            rows between unbounded preceding and current row
        )
),

at_home as (
    select
        *,
        {{ money_in_home('(source_open_amount - applied_amount)', 'source_rate') }}
            as source_open_before_home,
        {{ money_in_home('source_open_amount', 'source_rate') }} as source_open_home,
        {{ money_in_home('(target_open_amount + applied_amount)', 'target_rate') }}
            as target_open_before_home,
        {{ money_in_home('target_open_amount', 'target_rate') }} as target_open_home
    from left_over
)

select
    entity,
    cast(date_trunc('month', effective_date) as date) as month,
    payment_id,
    source_document_type,
    source_document_id,
    source_customer_id,
    source_kind,
    source_month,
    target_document_type,
    target_document_id,
    target_customer_id,
    target_kind,
    target_month,
    currency,
    applied_amount,
    source_open_amount,
    source_open_home,
    cast(source_open_home - source_open_before_home as decimal(18, 2)) as source_relief_home,
    target_open_amount,
    target_open_home,
    cast(target_open_before_home - target_open_home as decimal(18, 2)) as target_relief_home
from at_home
