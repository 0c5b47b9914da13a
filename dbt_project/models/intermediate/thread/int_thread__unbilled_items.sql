{#- An open deal is taken for won from this probability on. -#}
{%- set probability_min = 75 -%}
with deals as (
    select * from {{ ref('int_thread__deals') }}
    where
        not is_deleted
        and amount > 0
        and customer_id is not null
        and (is_won or (is_open and probability_percent >= {{ probability_min }}))
),

-- Lines that sell nothing the books know tell nothing about invoices.
deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
    qualify bool_or(item_id is not null) over (partition by entity, deal_id)
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

invoice_lines as (
    select * from {{ ref('int_thread__invoice_lines') }}
),

accepted_links as (
    select * from {{ ref('int_thread__links_stated') }}
    where verdict = 'accepted'
),

billed as (
    select
        accepted_links.entity,
        accepted_links.deal_id,
        sum(invoices.net_amount) as billed_amount
    from accepted_links
    inner join invoices using (entity, invoice_id)
    group by all
),

billed_items as (
    select
        accepted_links.entity,
        accepted_links.deal_id,
        invoice_lines.item_id,
        sum(invoice_lines.quantity) as quantity,
        sum(invoice_lines.net_amount) as net_amount
    from accepted_links
    inner join invoice_lines using (entity, invoice_id)
    group by all
),

unbilled as (
    select
        deals.entity,
        deals.crm_entity,
        deals.deal_id,
        deals.customer_id,
        deals.currency,
        deals.close_date,
        billed.deal_id is not null as has_stated_links,
        cast(deals.amount - coalesce(billed.billed_amount, 0) as decimal(18, 2)) as open_amount
    from deals
    left join billed using (entity, deal_id)
    where deals.amount > coalesce(billed.billed_amount, 0)
),

booked_items as (
    select
        entity,
        deal_id,
        item_id,
        sum(quantity) as quantity,
        sum(line_amount) as line_amount
    from deal_lines
    group by all
)

select
    unbilled.entity,
    unbilled.crm_entity,
    unbilled.deal_id,
    unbilled.customer_id,
    unbilled.currency,
    booked_items.item_id,
    cast(
        booked_items.quantity - coalesce(billed_items.quantity, 0) as decimal(20, 8)
    ) as quantity,
    cast(
        booked_items.line_amount - coalesce(billed_items.net_amount, 0) as decimal(18, 2)
    ) as amount,
    unbilled.open_amount as deal_amount,
    unbilled.has_stated_links,
    booked_items.deal_id is not null as has_lines,
    unbilled.close_date
from unbilled
left join booked_items using (entity, deal_id)
left join billed_items using (entity, deal_id, item_id)
where booked_items.deal_id is null or booked_items.quantity > coalesce(billed_items.quantity, 0)
