{#- What ties an invoice to a deal without looking at what was sold, most trusted first. -#}
{%- set kinds = {
    'confirmed': ['confirmed'],
    'marker': ['marked'],
    'stored_id': ['ids_on_deals', 'ids_on_invoices'],
    'estimate': ['estimates_linked'],
    'purchase_order': ['purchase_orders'],
    'document_number': ['document_numbers'],
} -%}
with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

estimates as (
    select * from {{ ref('stg_quickbooks__estimates') }}
),

related_customers as (
    select * from {{ ref('int_thread__related_customers') }}
),

decisions as (
    {{ decided_links() }}
),

confirmed as (
    select
        entity,
        invoice_id,
        deal_id,
        'confirmed by ' || decided_by || ': ' || why as reason
    from decisions
    where decision = 'confirmed'
),

marked as (
    select
        entity,
        invoice_id,
        marker_deal_id as deal_id,
        'our marker in the private note of the invoice names the deal' as reason
    from invoices
    where marker_deal_id is not null
),

ids_on_deals as (
    select
        entity,
        unnest(quickbooks_invoice_ids) as invoice_id,
        deal_id,
        'the deal holds the id of the invoice' as reason
    from deals
),

words_on_invoices as (
    select
        entity,
        invoice_id,
        unnest(words_like_ids) as word
    from invoices
),

-- The first fifteen characters of a Salesforce id are the whole of it; three more check them.
ids_on_invoices as (
    select
        words_on_invoices.entity,
        words_on_invoices.invoice_id,
        deals.deal_id,
        'the invoice names the id of the deal' as reason
    from words_on_invoices
    inner join deals
        on
            words_on_invoices.entity = deals.entity
            and left(words_on_invoices.word, 15) = left(deals.deal_id, 15)
),

words_on_estimates as (
    select
        entity,
        estimate_id,
        unnest({{ words_like_ids('private_note') }}) as word
    from estimates
),

estimates_of_deals as (
    select
        entity,
        unnest(quickbooks_estimate_ids) as estimate_id,
        deal_id,
        'the deal names the estimate that the invoice was made from' as reason
    from deals
    union all by name
    select
        words_on_estimates.entity,
        words_on_estimates.estimate_id,
        deals.deal_id,
        'the estimate that the invoice was made from names the deal' as reason
    from words_on_estimates
    inner join deals
        on
            words_on_estimates.entity = deals.entity
            and left(words_on_estimates.word, 15) = left(deals.deal_id, 15)
),

invoice_estimates as (
    select
        entity,
        invoice_id,
        unnest(linked_estimate_ids) as estimate_id
    from invoices
),

estimates_linked as (
    select
        invoice_estimates.entity,
        invoice_estimates.invoice_id,
        estimates_of_deals.deal_id,
        estimates_of_deals.reason
    from invoice_estimates
    inner join estimates_of_deals using (entity, estimate_id)
),

-- A number says something only within the family of the customer that gave it.
deal_customers as (
    select
        deals.entity,
        deals.deal_id,
        related_customers.related_customer_id as customer_id,
        {{ document_key('deals.purchase_order_number') }} as purchase_order_key,
        deals.quickbooks_invoice_numbers
    from deals
    inner join related_customers using (entity, customer_id)
    where not deals.is_deleted and (deals.is_won or deals.is_open)
),

purchase_orders as (
    select
        invoices.entity,
        invoices.invoice_id,
        deal_customers.deal_id,
        'deal and invoice bear the order number ' || invoices.purchase_order_number as reason,
        count(*) over (partition by invoices.entity, invoices.invoice_id) as deals_count
    from invoices
    inner join deal_customers
        on
            invoices.entity = deal_customers.entity
            and invoices.customer_id = deal_customers.customer_id
            and {{ document_key('invoices.purchase_order_number') }}
            = deal_customers.purchase_order_key
),

invoice_numbers as (
    select
        entity,
        deal_id,
        customer_id,
        unnest(quickbooks_invoice_numbers) as document_number
    from deal_customers
),

document_numbers as (
    select
        invoices.entity,
        invoices.invoice_id,
        invoice_numbers.deal_id,
        'the deal names the invoice''s number ' || invoices.document_number as reason,
        count(*) over (
            partition by
                invoices.entity,
                invoice_numbers.deal_id,
                {{ document_key('invoices.document_number') }}
        ) as invoices_count
    from invoices
    inner join invoice_numbers
        on
            invoices.entity = invoice_numbers.entity
            and invoices.customer_id = invoice_numbers.customer_id
            and {{ document_key('invoices.document_number') }}
            = {{ document_key('invoice_numbers.document_number') }}
),

stated as (
    {% for kind, sources in kinds.items() %}
        {%- set trust = loop.index -%}
        {%- for source in sources %}
            select
                entity,
                invoice_id,
                deal_id,
                '{{ kind }}' as link_kind,
                {{ trust }} as trust,
                -- A number that several bear leaves the choice among them open.
                {% if source == 'purchase_orders' %}
                    deals_count > 1
                {% elif source == 'document_numbers' %}
                    invoices_count > 1
                {% else %}
                    false
                {% endif %} as is_choice_open,
                reason
            from {{ source }}
            {% if not loop.last %}union all{% endif %}
        {% endfor %}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

most_trusted as (
    select
        stated.*,
        deals.is_deleted
    from stated
    inner join invoices using (entity, invoice_id)
    inner join deals using (entity, deal_id)
    qualify row_number() over (
        partition by stated.entity, stated.invoice_id, stated.deal_id
        order by stated.is_choice_open, stated.trust, stated.reason
    ) = 1
),

decided as (
    select
        most_trusted.*,
        coalesce(decisions.decision = 'rejected', false) as is_rejected
    from most_trusted
    left join decisions using (entity, invoice_id, deal_id)
),

judged as (
    select
        *,
        min(trust) filter (where not (is_rejected or is_deleted or is_choice_open))
            over (partition by entity, invoice_id) as trust_of_invoice
    from decided
)

select
    entity,
    invoice_id,
    deal_id,
    link_kind,
    reason,
    case
        when is_rejected then 'rejected'
        when is_deleted then 'deleted'
        when trust_of_invoice is null then 'open'
        when trust = trust_of_invoice and not is_choice_open then 'accepted'
        else 'overruled'
    end as verdict
from judged
