{#- An invoice may come so many days before its deal is won, or so many after. -#}
{%- set days_before_max = 60 -%}
{%- set days_after_max = 400 -%}
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

-- Quantities that fit what is left of the deal's, item by item.
fitting as (
    select
        unbilled_items.entity,
        unbilled_items.deal_id,
        unlinked_items.invoice_id,
        count(*) as fitting_items_count,
        cast(sum(unlinked_items.amount) as decimal(18, 2)) as fitting_amount
    from unbilled_items
    inner join related_customers using (entity, customer_id)
    inner join unlinked_items
        on
            related_customers.entity = unlinked_items.entity
            and related_customers.related_customer_id = unlinked_items.customer_id
            and unbilled_items.item_id = unlinked_items.item_id
            and unbilled_items.quantity >= unlinked_items.quantity
            and unlinked_items.txn_date
            between unbilled_items.close_date - {{ days_before_max }}
            and unbilled_items.close_date + {{ days_after_max }}
    where unbilled_items.currency = unlinked_items.currency
    group by all
),

-- Where a deal has no lines, its amount alone says what may bill it.
within_amount as (
    select
        deals.entity,
        deals.deal_id,
        invoices.invoice_id,
        cast(0 as bigint) as fitting_items_count,
        cast(0 as decimal(18, 2)) as fitting_amount
    from deals
    inner join related_customers using (entity, customer_id)
    inner join invoices
        on
            related_customers.entity = invoices.entity
            and related_customers.related_customer_id = invoices.customer_id
            and invoices.txn_date
            between deals.close_date - {{ days_before_max }}
            and deals.close_date + {{ days_after_max }}
    where
        not deals.has_lines
        and deals.currency = invoices.currency
        and invoices.invoice_amount <= deals.deal_amount
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
