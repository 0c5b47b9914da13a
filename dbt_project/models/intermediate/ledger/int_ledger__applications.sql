{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached(
        \"if(held.payment_id is null, held.target_document_type, 'payment')\",
        'coalesce(held.payment_id, held.target_document_id)'
    ) }}",
) }}

with links as (
    select * from {{ listed_part(
        ref('int_ledger__payment_links_resolved'), reached_payments(), 'payment_id'
    ) }}
),

payments as (
    select * from {{ listed_part(
        ref('stg_quickbooks__payments'), reached_payments(), 'payment_id'
    ) }}
),

documents as (
    select * from {{ reached_part(ref('int_ledger__documents_unioned')) }}
),

targets as (
    select
        entity,
        payment_id,
        pool,
        document_type,
        document_id,
        txn_date,
        amount,
        sum(amount) over targets_so_far as range_end
    from links
    where side = 'target'
    window targets_so_far as (
        partition by entity, payment_id, pool
        order by txn_date, document_order, document_type, line_position, link_position
        rows between unbounded preceding and current row
    )
),

credits_and_cash as (
    select
        entity,
        payment_id,
        pool,
        document_type,
        document_id,
        document_order,
        false as is_cash,
        txn_date,
        line_position,
        link_position,
        amount
    from links
    where side = 'source'
    union all by name
    select
        entity,
        payment_id,
        0 as pool,
        'payment' as document_type,
        payment_id as document_id,
        {{ document_order('payment_id') }} as document_order,
        true as is_cash,
        txn_date,
        0 as line_position,
        0 as link_position,
        total_amount as amount
    from payments
    where total_amount > 0
),

sources as (
    select
        *,
        sum(amount) over sources_so_far as range_end
    from credits_and_cash
    window sources_so_far as (
        partition by entity, payment_id, pool
        order by is_cash, txn_date, document_order, document_type, line_position, link_position
        rows between unbounded preceding and current row
    )
),

-- Sources and targets lie end to end on one line each; where two overlap, one pays the other.
pairs as (
    select
        sources.entity,
        sources.payment_id,
        sources.document_type as source_document_type,
        sources.document_id as source_document_id,
        targets.document_type as target_document_type,
        targets.document_id as target_document_id,
        least(sources.range_end, targets.range_end)
        - greatest(sources.range_end - sources.amount, targets.range_end - targets.amount)
            as applied_amount,
        sources.is_cash,
        greatest(sources.txn_date, targets.txn_date, payments.txn_date) as effective_date
    from sources
    inner join targets
        on
            sources.entity = targets.entity
            and sources.payment_id = targets.payment_id
            and sources.pool = targets.pool
            and sources.range_end > targets.range_end - targets.amount
            and sources.range_end - sources.amount < targets.range_end
    inner join payments
        on sources.entity = payments.entity and sources.payment_id = payments.payment_id
),

deposits_on_invoices as (
    select
        entity,
        cast(null as varchar) as payment_id,
        'invoice_deposit' as source_document_type,
        document_id as source_document_id,
        document_type as target_document_type,
        document_id as target_document_id,
        deposit_amount as applied_amount,
        true as is_cash,
        txn_date as effective_date
    from documents
    where deposit_amount > 0
),

unioned as (
    select * from pairs
    union all by name
    select * from deposits_on_invoices
)

select
    entity,
    payment_id,
    source_document_type,
    source_document_id,
    target_document_type,
    target_document_id,
    cast(sum(applied_amount) as decimal(18, 2)) as applied_amount,
    is_cash,
    effective_date
from unioned
group by all
