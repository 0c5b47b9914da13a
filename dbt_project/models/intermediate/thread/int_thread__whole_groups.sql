{#- Of what may bill a deal, so many invoices are looked at: those nearest to it in time. -#}
{%- set invoices_max = 30 -%}
with pairs as (
    select * from {{ ref('int_thread__link_pairs') }}
    where is_fitting_whole and invoice_amount <= deal_amount
),

unbilled_items as (
    select * from {{ ref('int_thread__unbilled_items') }}
),

unlinked_items as (
    select * from {{ ref('int_thread__unlinked_items') }}
),

nearest as (
    select
        *,
        row_number() over (
            partition by entity, deal_id
            order by nearness desc, txn_date, {{ document_order('invoice_id') }}
        ) as place
    from pairs
    qualify place <= {{ invoices_max }}
),

-- Pairs of pairs find what four invoices add up to without trying every four.
twos as (
    select
        first_one.entity,
        first_one.deal_id,
        first_one.deal_amount,
        first_one.place as first_place,
        second_one.place as last_place,
        [first_one.invoice_id, second_one.invoice_id] as invoice_ids,
        cast(first_one.invoice_amount + second_one.invoice_amount as decimal(18, 2)) as amount
    from nearest as first_one
    inner join nearest as second_one
        on
            first_one.entity = second_one.entity
            and first_one.deal_id = second_one.deal_id
            and first_one.place < second_one.place
    where first_one.invoice_amount + second_one.invoice_amount <= first_one.deal_amount
),

adding_up as (
    select
        entity,
        deal_id,
        [invoice_id] as invoice_ids
    from nearest
    where invoice_amount = deal_amount
    union all
    select
        entity,
        deal_id,
        invoice_ids
    from twos
    where amount = deal_amount
    union all
    select
        twos.entity,
        twos.deal_id,
        list_append(twos.invoice_ids, nearest.invoice_id) as invoice_ids
    from twos
    inner join nearest
        on
            twos.entity = nearest.entity
            and twos.deal_id = nearest.deal_id
            and twos.deal_amount - twos.amount = nearest.invoice_amount
            and twos.last_place < nearest.place
    union all
    select
        twos.entity,
        twos.deal_id,
        list_concat(twos.invoice_ids, other_twos.invoice_ids) as invoice_ids
    from twos
    inner join twos as other_twos
        on
            twos.entity = other_twos.entity
            and twos.deal_id = other_twos.deal_id
            and twos.deal_amount - twos.amount = other_twos.amount
            and twos.last_place < other_twos.first_place
),

members as (
    select
        entity,
        deal_id,
        list_sort(invoice_ids) as invoice_ids,
        unnest(invoice_ids) as invoice_id
    from adding_up
),

-- Where the deal has lines, quantities have to add up too, item by item.
items_billed as (
    select
        members.entity,
        members.deal_id,
        members.invoice_ids,
        unlinked_items.item_id,
        sum(unlinked_items.quantity) as quantity
    from members
    inner join unlinked_items using (entity, invoice_id)
    group by all
),

items as (
    select
        entity,
        deal_id,
        count(*) as items_count
    from unbilled_items
    group by all
),

differing as (
    select distinct
        items_billed.entity,
        items_billed.deal_id,
        items_billed.invoice_ids
    from items_billed
    inner join unbilled_items using (entity, deal_id, item_id)
    where unbilled_items.has_lines and items_billed.quantity <> unbilled_items.quantity
),

described as (
    select
        members.entity,
        members.deal_id,
        members.invoice_ids,
        any_value(nearest.has_lines) as has_lines,
        bool_or(nearest.is_named) as is_named,
        any_value(nearest.has_stated_links) as has_stated_links,
        any_value(items.items_count) as items_count,
        min(nearest.nearness) as nearness
    from members
    inner join nearest using (entity, deal_id, invoice_id)
    inner join items using (entity, deal_id)
    anti join differing using (entity, deal_id, invoice_ids)
    group by all
),

-- That several quantities are equal is no chance; one may be, and so may sums of money.
weighed as (
    select
        *,
        case
            when is_named then 0.80
            when has_stated_links or not has_lines then 0.60
            when items_count = 1 and len(invoice_ids) = 1 then 0.65
            else 0.75
        end as likeness
    from described
)

select
    entity,
    deal_id,
    invoice_ids,
    has_lines,
    is_named,
    has_stated_links,
    round(likeness + (1 - likeness) * nearness, 8) as score
from weighed
