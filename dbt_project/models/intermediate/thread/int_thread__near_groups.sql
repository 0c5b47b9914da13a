{#- Of what may bill a deal in part, so many invoices are looked at: those that fit it best. -#}
{%- set invoices_max = 8 -%}
{%- set members_max = 4 -%}
{#- An invoice is looked at if so much of it, by money, is on items of the deal. -#}
{%- set fitting_share_min = 0.3 -%}
{#- A group is looked at if it bills no more than so many times what is left of the deal. -#}
{%- set times_billed_max = 1.5 -%}
with recursive pairs as (
    select * from {{ ref('int_thread__link_pairs') }}
    where
        has_lines
        and (not has_stated_links or is_named)
        and fitting_amount >= invoice_amount * {{ fitting_share_min }}
),

whole_links as (
    select * from {{ ref('int_thread__whole_links') }}
    where verdict = 'accepted'
),

unbilled_items as (
    select * from {{ ref('int_thread__unbilled_items') }}
),

unlinked_items as (
    select * from {{ ref('int_thread__unlinked_items') }}
),

taken as (
    select
        entity,
        unnest(invoice_ids) as invoice_id
    from whole_links
),

best_fitting as (
    select
        pairs.*,
        row_number() over (
            partition by pairs.entity, pairs.deal_id
            order by
                -pairs.nearness * pairs.fitting_amount / pairs.invoice_amount,
                pairs.txn_date,
                {{ document_order('pairs.invoice_id') }}
        ) as place
    from pairs
    anti join whole_links using (entity, deal_id)
    anti join taken using (entity, invoice_id)
    qualify place <= {{ invoices_max }}
),

groups as (
    select
        entity,
        deal_id,
        [invoice_id] as invoice_ids,
        place as last_place,
        invoice_amount as amount
    from best_fitting
    union all
    select
        groups.entity,
        groups.deal_id,
        list_append(groups.invoice_ids, best_fitting.invoice_id) as invoice_ids,
        best_fitting.place as last_place,
        cast(groups.amount + best_fitting.invoice_amount as decimal(18, 2)) as amount
    from groups
    inner join best_fitting
        on
            groups.entity = best_fitting.entity
            and groups.deal_id = best_fitting.deal_id
            and groups.last_place < best_fitting.place
            and groups.amount + best_fitting.invoice_amount
            <= best_fitting.deal_amount * {{ times_billed_max }}
    where len(groups.invoice_ids) < {{ members_max }}
),

members as (
    select
        entity,
        deal_id,
        list_sort(invoice_ids) as invoice_ids,
        unnest(invoice_ids) as invoice_id
    from groups
),

nearness as (
    select
        members.entity,
        members.deal_id,
        members.invoice_ids,
        min(best_fitting.nearness) as nearness
    from members
    inner join best_fitting using (entity, deal_id, invoice_id)
    group by all
),

-- What the group bills of each item and what is left of it, each with zeros where the other is.
sides as (
    select
        members.entity,
        members.deal_id,
        members.invoice_ids,
        unlinked_items.item_id,
        unlinked_items.quantity as billed_quantity,
        unlinked_items.amount as billed_amount,
        0 as booked_quantity,
        0 as booked_amount
    from members
    inner join unlinked_items using (entity, invoice_id)
    union all
    select
        nearness.entity,
        nearness.deal_id,
        nearness.invoice_ids,
        unbilled_items.item_id,
        0 as billed_quantity,
        0 as billed_amount,
        unbilled_items.quantity as booked_quantity,
        unbilled_items.amount as booked_amount
    from nearness
    inner join unbilled_items using (entity, deal_id)
),

compared as (
    select
        entity,
        deal_id,
        invoice_ids,
        item_id,
        sum(billed_amount) as billed,
        sum(booked_amount) as booked,
        sum(billed_quantity) = sum(booked_quantity) as is_equal
    from sides
    group by all
),

shares as (
    select
        entity,
        deal_id,
        invoice_ids,
        count(*) filter (where is_equal) as equal_items_count,
        2.0 * count(*) filter (where is_equal)
        / (count(*) filter (where billed <> 0) + count(*) filter (where booked <> 0))
            as equal_items_share,
        round(
            sum(if(is_equal, billed + booked, 2 * least(billed, booked))) / sum(billed + booked), 8
        ) as alike_amount_share
    from compared
    group by all
)

select
    shares.entity,
    shares.deal_id,
    shares.invoice_ids,
    shares.equal_items_count,
    shares.alike_amount_share,
    round(
        0.40 * shares.alike_amount_share
        + 0.35 * shares.equal_items_share
        + 0.25 * nearness.nearness,
        8
    ) as score
from shares
inner join nearness using (entity, deal_id, invoice_ids)
