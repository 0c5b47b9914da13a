with links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

candidates as (
    select * from {{ ref('int_thread__link_candidates') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

decisions as (
    {{ decided_links() }}
),

pairs as (
    select
        entity,
        invoice_id,
        deal_id,
        'accepted' as verdict,
        link_kind,
        confidence,
        reason
    from links
    union all
    select
        entity,
        invoice_id,
        deal_id,
        verdict,
        link_kind,
        cast(coalesce(score, 0) as decimal(5, 4)) as confidence,
        reason
    from candidates
)

select
    pairs.entity,
    pairs.invoice_id,
    invoices.document_number,
    pairs.deal_id,
    deals.deal_name,
    invoices.customer_id,
    pairs.verdict,
    pairs.link_kind,
    pairs.confidence,
    invoices.currency,
    invoices.net_amount,
    invoices.txn_date,
    pairs.reason,
    coalesce(decisions.decided_by, 'rule') as decided_by
from pairs
inner join invoices using (entity, invoice_id)
inner join deals using (entity, deal_id)
left join decisions using (entity, invoice_id, deal_id)
