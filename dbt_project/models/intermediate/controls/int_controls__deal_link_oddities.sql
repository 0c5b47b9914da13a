{#- Read once, by int_controls__deal_oddities. -#}
{{ config(materialized='view') }}
{#- An invoice may come so many days before its deal is won. -#}
{%- set days_before_max = 60 -%}
with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

candidates as (
    select * from {{ ref('int_thread__link_candidates') }}
),

stated_links as (
    select * from {{ ref('int_thread__links_stated') }}
),

described as (
    select
        *,
        abs({{ money_in_home('net_amount', 'exchange_rate') }}) as amount_home,
        'Invoice ' || coalesce(document_number, invoice_id) || ' of ' || txn_date || ' over '
        || total_amount || ' ' || currency as subject_name
    from invoices
),

named_deals as (
    select
        *,
        {{ deal_label('deals') }} as deal_label
    from deals
),

linked as (
    select
        described.*,
        links.deal_id,
        named_deals.deal_label,
        named_deals.currency as deal_currency,
        named_deals.close_date,
        named_deals.is_won
    from described
    inner join links using (entity, invoice_id)
    inner join named_deals using (entity, deal_id)
),

in_doubt as (
    select
        candidates.entity,
        candidates.invoice_id,
        string_agg(
            named_deals.deal_label || ' (' || candidates.deal_id || ')', ' or '
            order by -coalesce(candidates.score, 0), candidates.deal_id
        ) as deal_labels
    from candidates
    inner join named_deals using (entity, deal_id)
    anti join links using (entity, invoice_id)
    where candidates.verdict = 'ambiguous'
    group by all
),

ambiguous as (
    select
        described.*,
        cast(null as varchar) as subject_detail,
        'deal_link_ambiguous' as type,
        'no_clear_winner' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' may bill ' || in_doubt.deal_labels || ', but something else fits nearly as well. It'
        || ' counts as belonging to no deal.' as finding,
        'Confirm one in policy.yml, deal_links: entity ' || described.entity || ', invoice_id '
        || described.invoice_id || ', and the id of the deal; or reject what is wrong.' as remedy
    from described
    inner join in_doubt using (entity, invoice_id)
),

deals_of_invoices as (
    select
        entity,
        invoice_id,
        string_agg(deal_label, ' and ' order by deal_id) as deal_labels
    from linked
    group by all
    having count(*) > 1
),

on_several_deals as (
    select
        described.*,
        cast(null as varchar) as subject_detail,
        'invoice_on_several_deals' as type,
        'several_deals' as root_cause,
        'low' as severity,
        'billing_clerk' as owner_role,
        ' bills ' || deals_of_invoices.deal_labels || '. Its lines are shared out by item.'
            as finding,
        'If it bills one of them alone, reject the others in policy.yml, deal_links.' as remedy
    from described
    inner join deals_of_invoices using (entity, invoice_id)
),

before_deals as (
    select
        linked.* exclude (deal_id, deal_label, deal_currency, close_date, is_won),
        linked.deal_id as subject_detail,
        'invoice_before_deal' as type,
        'invoice_too_early' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' bills ' || linked.deal_label || ', which was won on ' || linked.close_date || ', '
        || linked.close_date - linked.txn_date || ' days later.' as finding,
        'Check the close date in the CRM and the date of the invoice; if they do not belong'
        || ' together, reject the pair in policy.yml, deal_links.' as remedy
    from linked
    where linked.is_won and linked.txn_date < linked.close_date - {{ days_before_max }}
),

of_deleted_deals as (
    select
        described.*,
        stated_links.deal_id as subject_detail,
        'invoice_of_deleted_deal' as type,
        'deal_deleted' as root_cause,
        'medium' as severity,
        'sales_operations' as owner_role,
        ' bills ' || named_deals.deal_label || ', which was deleted in the CRM. It counts as'
        || ' belonging to no deal.' as finding,
        'Restore the deal in the CRM, or confirm the deal that replaced it in policy.yml,'
        || ' deal_links.' as remedy
    from described
    inner join stated_links using (entity, invoice_id)
    inner join named_deals using (entity, deal_id)
    anti join links using (entity, invoice_id)
    where stated_links.verdict = 'deleted'
),

in_other_currencies as (
    select
        linked.* exclude (deal_id, deal_label, deal_currency, close_date, is_won),
        linked.deal_id as subject_detail,
        'deal_currency_unlike_invoice' as type,
        'two_currencies' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' bills ' || linked.deal_label || ', which is in another currency.' as finding,
        'Correct the currency of the deal in the CRM or of the invoice in QuickBooks; if they do'
        || ' not belong together, reject the pair in policy.yml, deal_links.' as remedy
    from linked
    where linked.currency <> linked.deal_currency
),

oddities as (
    {% for rule in [
        'ambiguous', 'on_several_deals', 'before_deals', 'of_deleted_deals', 'in_other_currencies',
    ] %}
        select * from {{ rule }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    entity,
    type,
    root_cause,
    'quickbooks' as subject_system,
    'invoice' as subject_type,
    invoice_id as subject_id,
    subject_detail,
    amount_home,
    severity,
    owner_role,
    subject_name || finding as message,
    remedy,
    entity as record_entity
from oddities
