with stated_links as (
    select * from {{ ref('int_thread__links_stated') }}
    where verdict = 'accepted'
),

scored_links as (
    select * from {{ ref('int_thread__links_scored') }}
    where verdict = 'accepted'
)

select
    entity,
    invoice_id,
    deal_id,
    link_kind,
    cast(
        case link_kind
            when 'estimate' then 0.99
            when 'purchase_order' then 0.98
            when 'document_number' then 0.97
            else 1
        end as decimal(5, 4)
    ) as confidence,
    reason
from stated_links
union all
select
    entity,
    invoice_id,
    deal_id,
    'scored' as link_kind,
    score as confidence,
    reason
from scored_links
