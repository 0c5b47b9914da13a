with stated_links as (
    select * from {{ ref('int_thread__links_stated') }}
    where verdict <> 'accepted'
),

scored_links as (
    select * from {{ ref('int_thread__links_scored') }}
),

decisions as (
    {{ decided_links() }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

accepted as (
    select * from scored_links
    where verdict = 'accepted'
),

linked_by_score as (
    select distinct
        entity,
        invoice_id
    from accepted
),

rejected_by_a_person as (
    select
        decisions.entity,
        decisions.invoice_id,
        decisions.deal_id,
        coalesce(stated_links.link_kind, 'scored') as link_kind,
        cast(null as decimal(5, 4)) as score,
        'rejected' as verdict,
        'rejected by ' || decisions.decided_by || ': ' || decisions.why as reason,
        0 as preference
    from decisions
    semi join invoices using (entity, invoice_id)
    semi join deals using (entity, deal_id)
    left join stated_links using (entity, invoice_id, deal_id)
    where decisions.decision = 'rejected'
),

-- What a number leaves open is settled by score, or by nobody.
stated as (
    select
        stated_links.entity,
        stated_links.invoice_id,
        stated_links.deal_id,
        stated_links.link_kind,
        cast(null as decimal(5, 4)) as score,
        case
            when stated_links.verdict = 'open' and linked_by_score.invoice_id is null
                then 'ambiguous'
            else 'rejected'
        end as verdict,
        stated_links.reason || case stated_links.verdict
            when 'deleted' then '; the deal was deleted'
            when 'overruled' then '; stronger evidence names another deal'
            when 'open'
                then
                    case
                        when linked_by_score.invoice_id is null then '; so does another'
                        else '; another that does fits better'
                    end
            else ''
        end as reason,
        1 as preference
    from stated_links
    left join linked_by_score using (entity, invoice_id)
    where stated_links.verdict <> 'rejected'
),

scored as (
    select
        entity,
        invoice_id,
        deal_id,
        'scored' as link_kind,
        score,
        verdict,
        reason,
        2 as preference
    from scored_links
    where verdict <> 'accepted'
),

candidates as (
    select * from rejected_by_a_person
    union all
    select stated.*
    from stated
    anti join accepted using (entity, invoice_id, deal_id)
    union all
    select * from scored
)

select
    entity,
    invoice_id,
    deal_id,
    link_kind,
    score,
    verdict,
    reason
from candidates
qualify row_number() over (
    partition by entity, invoice_id, deal_id
    order by list_position(['ambiguous', 'rejected'], verdict), preference
) = 1
