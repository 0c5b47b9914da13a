with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type in ('invoice', 'credit_memo') and total <> 0
),

taxes as (
    select
        entity,
        'invoice' as document_type,
        invoice_id as document_id,
        coalesce(tax_amount, 0) as tax
    from {{ ref('stg_quickbooks__invoices') }}
    union all
    select
        entity,
        'credit_memo' as document_type,
        credit_memo_id as document_id,
        -coalesce(tax_amount, 0) as tax
    from {{ ref('stg_quickbooks__credit_memos') }}
),

lines as (
    select
        * exclude (invoice_id),
        'invoice' as document_type,
        invoice_id as document_id
    from {{ ref('stg_quickbooks__invoice_lines') }}
    union all by name
    select
        * exclude (credit_memo_id),
        'credit_memo' as document_type,
        credit_memo_id as document_id
    from {{ ref('stg_quickbooks__credit_memo_lines') }}
),

net_documents as (
    select
        documents.entity,
        documents.document_type,
        documents.document_id,
        documents.txn_date,
        {{ money_in_home('(documents.total - taxes.tax)', 'documents.exchange_rate') }}
            as net_home
    from documents
    inner join taxes using (entity, document_type, document_id)
),

-- Lines end to end, so that discounts and included tax fall on all of them by their amounts.
laid_out as (
    select
        *,
        sum(amount) over so_far as amount_so_far,
        sum(amount) over so_far - amount as amount_before,
        sum(amount) over (partition by entity, document_type, document_id) as amount_of_document
    from lines
    where amount <> 0
    window so_far as (
        partition by entity, document_type, document_id
        order by line_position, position_in_bundle
        rows between unbounded preceding and current row
    )
),

spread as (
    select
        net_documents.entity,
        net_documents.document_type,
        net_documents.document_id,
        net_documents.txn_date,
        laid_out.line_position,
        laid_out.position_in_bundle,
        laid_out.service_date,
        {{ service_period('laid_out.description') }} as own_period,
        {{ service_period('laid_out.bundle_description') }} as bundle_period,
        {{ cumulative_share(
            'net_documents.net_home', 'laid_out.amount_so_far', 'laid_out.amount_before',
            'laid_out.amount_of_document'
        ) }} as amount_home
    from net_documents
    inner join laid_out using (entity, document_type, document_id)
    where laid_out.amount_of_document <> 0
),

-- A document whose lines add up to nothing, or that shows none, is earned on its date.
without_lines as (
    select
        net_documents.entity,
        net_documents.document_type,
        net_documents.document_id,
        net_documents.txn_date,
        0 as line_position,
        0 as position_in_bundle,
        net_documents.net_home as amount_home
    from net_documents
    anti join spread using (entity, document_type, document_id)
),

unioned as (
    select * from spread
    union all by name
    select * from without_lines
),

periods as (
    select
        *,
        coalesce(
            try_cast(own_period.starts_on as date), try_cast(bundle_period.starts_on as date)
        ) as period_start,
        coalesce(
            try_cast(own_period.ends_on as date), try_cast(bundle_period.ends_on as date)
        ) as period_end
    from unioned
),

judged as (
    select
        *,
        -- An end before its start, or ten years on, is a slip of the pen.
        coalesce(period_end between period_start and period_start + interval 10 years, false)
            as has_period
    from periods
)

select
    entity,
    document_type,
    document_id,
    line_position,
    position_in_bundle,
    txn_date,
    case when has_period then period_start else coalesce(service_date, txn_date) end
        as starts_on,
    case when has_period then period_end else coalesce(service_date, txn_date) end as ends_on,
    case
        when has_period then 'period'
        when service_date is not null then 'service_date'
        else 'document_date'
    end as basis,
    amount_home
from judged
