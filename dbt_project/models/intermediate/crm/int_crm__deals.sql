with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
),

organisations as (
    select * from {{ ref('int_crm__organisations') }}
),

deal_lines as (
    select distinct
        crm_entity,
        deal_id
    from {{ ref('int_crm__deal_lines') }}
),

-- What the CRM says of a deal's billing, in the words that the policy gives them.
billing_words as (
    {% for ending, words in {
        'complete': var('billing_complete_values'), 'cancelled': var('billing_cancelled_values'),
    }.items() %}
        select
            '{{ ending }}' as closed_for_billing,
            unnest({{ text_list(words) }}) as billing_status
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    'salesforce' as crm_system,
    opportunities.entity as crm_entity,
    opportunities.opportunity_id as deal_id,
    opportunities.account_id as crm_account_id,
    opportunities.opportunity_name as deal_name,
    opportunities.stage_name as stage,
    opportunities.opportunity_type as deal_type,
    opportunities.lead_source,
    opportunities.owner_id,
    users.user_name as owner_name,
    coalesce(users.is_active, false) as has_active_owner,
    opportunities.stated_entity,
    opportunities.purchase_order_number,
    opportunities.quickbooks_invoice_ids,
    opportunities.quickbooks_invoice_numbers,
    opportunities.quickbooks_estimate_ids,
    opportunities.delivery_status,
    opportunities.payment_terms,
    {% for name in [
        'invoice_status', 'invoice_link', 'invoiced_amount', 'invoice_balance', 'invoice_paid_date',
        'invoice_note', 'custom_fields',
    ] -%}
        opportunities.{{ name }},
    {% endfor -%}
    opportunities.billing_status,
    billing_words.closed_for_billing,
    coalesce(opportunities.currency, organisations.corporate_currency) as currency,
    opportunities.amount,
    opportunities.probability_percent,
    coalesce(opportunities.is_won, false) as is_won,
    not coalesce(opportunities.is_closed, false) as is_open,
    deal_lines.deal_id is not null as has_lines,
    opportunities.is_deleted,
    opportunities.close_date,
    opportunities.billing_closed_date,
    opportunities.created_at,
    opportunities.extracted_at
from opportunities
left join users
    on opportunities.entity = users.entity and opportunities.owner_id = users.user_id
left join organisations on opportunities.entity = organisations.crm_entity
left join deal_lines
    on
        opportunities.entity = deal_lines.crm_entity
        and opportunities.opportunity_id = deal_lines.deal_id
left join billing_words
    on lower(opportunities.billing_status) = lower(billing_words.billing_status)
