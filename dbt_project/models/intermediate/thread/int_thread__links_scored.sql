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
        case when len(invoice_ids) > 1 then 'with ' || len(invoice_ids) - 1 || ' more it' else 'it' end
        || ' bills the deal''s amount to the cent'
        || case when has_lines then ', item by item' else '' end as likeness
    from whole_links
    union all
    select
        entity,
        deal_id,
        invoice_ids,
        score,
        verdict,
        case when len(invoice_ids) > 1 then 'with ' || len(invoice_ids) - 1 || ' more it' else 'it' end
        || ' bills ' || equal_items_count || ' of the deal''s items in full, and '
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
    likeness || case verdict
        when 'accepted' then ''
        when 'ambiguous' then '; another deal or invoice fits as well'
        else
            case
                when score < cast('{{ var("link_score_min") }}' as double) then '; that is too little'
                else '; another deal or invoice fits better'
            end
    end as reason
from paired
qualify row_number() over (
    partition by entity, invoice_id, deal_id
    order by
        list_position(['accepted', 'ambiguous', 'rejected'], verdict), score desc, likeness
) = 1
