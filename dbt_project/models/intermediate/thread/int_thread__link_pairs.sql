{#- An invoice may come so many days before its deal is won, or so many after. -#}
{%- set days_before_max = 60 -%}
{%- set days_after_max = 400 -%}
{#- Of a customer with very many, so many before and after that day are looked at. -#}
{%- set invoices_before_max = 300 -%}
{%- set invoices_after_max = 1500 -%}
{#- Nearness to the day on which an invoice is expected falls to a third in so many days. -#}
{%- set days_after_close = 90 -%}
{%- set days_before_close = 30 -%}
{%- set days_from_instalment = 15 -%}
with unbilled_items as (
    select * from {{ ref('int_thread__unbilled_items') }}
),

unlinked_items as (
    select * from {{ ref('int_thread__unlinked_items') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

related_customers as (
    select * from {{ ref('int_thread__related_customers') }}
),

stated_links as (
    select * from {{ ref('int_thread__links_stated') }}
),

decisions as (
    {{ decided_links() }}
),

deals as (
    select distinct
        entity,
        crm_entity,
        deal_id,
        customer_id,
        currency,
        deal_amount,
        has_lines,
        has_stated_links,
        close_date
    from unbilled_items
),

invoices as (
    select
        entity,
        invoice_id,
        customer_id,
        currency,
        invoice_amount,
        txn_date,
        count(*) as items_count
    from unlinked_items
    group by all
),

numbered_invoices as (
    select
        *,
        row_number() over (
            partition by entity, customer_id, currency
            order by txn_date, {{ document_order('invoice_id') }}
        ) as place
    from invoices
),

deals_of_customers as (
    select deals.* replace (related_customers.related_customer_id as customer_id)
    from deals
    inner join related_customers using (entity, customer_id)
),

numbers_reached as (
    select
        entity,
        customer_id,
        currency,
        txn_date,
        max(place) as place
    from numbered_invoices
    group by all
),

-- How many invoices the customer had before the day on which the deal was won.
placed_deals as (
    select
        deals_of_customers.*,
        coalesce(numbers_reached.place, 0) as place
    from deals_of_customers
    asof left join numbers_reached
        on
            deals_of_customers.entity = numbers_reached.entity
            and deals_of_customers.customer_id = numbers_reached.customer_id
            and deals_of_customers.currency = numbers_reached.currency
            and deals_of_customers.close_date > numbers_reached.txn_date
),

within_reach as (
    select
        placed_deals.entity,
        placed_deals.deal_id,
        numbered_invoices.invoice_id,
        placed_deals.has_lines,
        numbered_invoices.invoice_amount <= placed_deals.deal_amount as is_within_amount
    from placed_deals
    inner join numbered_invoices
        on
            placed_deals.entity = numbered_invoices.entity
            and placed_deals.customer_id = numbered_invoices.customer_id
            and placed_deals.currency = numbered_invoices.currency
            and numbered_invoices.place
            between placed_deals.place - {{ invoices_before_max }}
            and placed_deals.place + {{ invoices_after_max }}
            and numbered_invoices.txn_date
            between placed_deals.close_date - {{ days_before_max }}
            and placed_deals.close_date + {{ days_after_max }}
),

-- What of an invoice fits what is left of the deal, item by item: a quantity up to what is left.
fitting as (
    select
        within_reach.entity,
        within_reach.deal_id,
        within_reach.invoice_id,
        count(*) filter (where unlinked_items.quantity <= unbilled_items.quantity)
            as fitting_items_count,
        cast(
            sum(
                unlinked_items.amount
                * least(unbilled_items.quantity / nullif(unlinked_items.quantity, 0), 1)
            ) as decimal(18, 2)
        ) as fitting_amount
    from within_reach
    inner join unlinked_items using (entity, invoice_id)
    inner join unbilled_items
        on
            within_reach.entity = unbilled_items.entity
            and within_reach.deal_id = unbilled_items.deal_id
            and unlinked_items.item_id = unbilled_items.item_id
    group by all
),

-- Where a deal has no lines, its amount alone says what may bill it.
within_amount as (
    select
        entity,
        deal_id,
        invoice_id,
        cast(0 as bigint) as fitting_items_count,
        cast(0 as decimal(18, 2)) as fitting_amount
    from within_reach
    where not has_lines and is_within_amount
),

alike as (
    select * from fitting
    union all
    select * from within_amount
),

-- A number that several deals bear leaves the choice among these alone.
named as (
    select
        entity,
        invoice_id,
        list(deal_id) as deal_ids
    from stated_links
    where verdict = 'open'
    group by all
),

instalment_distances as (
    select
        alike.entity,
        alike.deal_id,
        alike.invoice_id,
        min(abs(invoices.txn_date - instalments.instalment_date)) as days_from_instalment
    from alike
    inner join invoices using (entity, invoice_id)
    inner join deals using (entity, deal_id)
    inner join instalments
        on deals.crm_entity = instalments.crm_entity and deals.deal_id = instalments.deal_id
    group by all
)

select
    alike.entity,
    alike.deal_id,
    alike.invoice_id,
    invoices.invoice_amount,
    deals.deal_amount,
    alike.fitting_amount,
    deals.has_lines,
    not deals.has_lines or alike.fitting_items_count = invoices.items_count as is_fitting_whole,
    deals.has_stated_links,
    named.invoice_id is not null as is_named,
    round(exp(
        case
            when instalment_distances.days_from_instalment is not null
                then -instalment_distances.days_from_instalment / {{ days_from_instalment }}
            when invoices.txn_date >= deals.close_date
                then (deals.close_date - invoices.txn_date) / {{ days_after_close }}
            else (invoices.txn_date - deals.close_date) / {{ days_before_close }}
        end
    ), 8) as nearness,
    invoices.txn_date
from alike
inner join deals using (entity, deal_id)
inner join invoices using (entity, invoice_id)
left join named using (entity, invoice_id)
left join instalment_distances using (entity, deal_id, invoice_id)
left join decisions using (entity, deal_id, invoice_id)
where
    coalesce(decisions.decision <> 'rejected', true)
    and (named.deal_ids is null or list_contains(named.deal_ids, alike.deal_id))
