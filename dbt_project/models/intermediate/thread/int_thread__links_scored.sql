with whole_links as (
    select * from {{ ref('int_thread__whole_links') }}
),

near_links as (
    select * from {{ ref('int_thread__near_links') }}
),

grouped as (
    select
        entity,
        deal_id,
        invoice_ids,
        score,
        verdict,
        ' bills the deal''s amount to the cent' || if(has_lines, ', item by item', '') as likeness
    from whole_links
    union all
    select
        entity,
        deal_id,
        invoice_ids,
        score,
        verdict,
        ' bills ' || equal_items_count || ' of the deal''s items in full, and '
        || cast(round(100 * alike_amount_share) as integer) || ' % of the money agrees' as likeness
    from near_links
),

paired as (
    select
        *,
        unnest(invoice_ids) as invoice_id
    from grouped
)

select
    entity,
    invoice_id,
    deal_id,
    cast(score as decimal(5, 4)) as score,
    verdict,
    if(len(invoice_ids) > 1, 'with ' || len(invoice_ids) - 1 || ' more it', 'it') || likeness
    || case
        when verdict = 'accepted' then ''
        when verdict = 'ambiguous' then '; another deal or invoice fits as well'
        when score < cast('{{ var("link_score_min") }}' as double) then '; that is too little'
        else '; another deal or invoice fits better'
    end as reason
from paired
qualify row_number() over (
    partition by entity, invoice_id, deal_id
    order by
        list_position(['accepted', 'ambiguous', 'rejected'], verdict), -score, likeness
) = 1
