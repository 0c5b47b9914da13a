{%- set gates = billing_gates() -%}
with units as (
    select * from {{ ref('int_billing__units') }}
),

gates as (
    select * from {{ ref('int_billing__gates') }}
),

approvals as (
    select * from {{ ref('int_billing__approvals') }}
),

contents as (
    select * from {{ ref('int_billing__contents') }}
),

marked_invoices as (
    select * from {{ ref('int_billing__marked_invoices') }}
),

generations as (
    select
        entity,
        billing_key,
        max(generation + if(is_live, 0, 1)) as generation
    from marked_invoices
    group by all
),

judged as (
    select
        entity,
        billing_key,
        {% for gate in gates %}
            max(status) filter (where gate = '{{ gate }}') as {{ gate }}_gate,
            max(reason_code) filter (where gate = '{{ gate }}') as {{ gate }}_reason,
        {% endfor %}
        not bool_or({{ stops_its_unit() }}) as passes,
        string_agg(
            gate || ': ' || message, chr(10)
            order by list_position({{ text_list(gates) }}, gate)
        ) filter (where status <> 'passed') as reasons
    from gates
    group by all
)

select
    units.entity,
    units.billing_key,
    units.crm_system,
    units.crm_entity,
    units.deal_id,
    units.instalment_id,
    units.deal_line_id,
    units.deal_name,
    units.deal_type,
    units.crm_account_id,
    units.bill_to_account_id,
    units.customer_id,
    units.segment,
    units.region,
    units.product_family,
    units.owner_id,
    units.purchase_order_number,
    units.terms_name,
    units.delivery_status,
    units.currency,
    units.amount,
    units.amount_home,
    units.home_currency,
    units.exchange_rate,
    units.won_date,
    units.instalment_date,
    units.service_from_date,
    units.service_until_date,
    units.won_date >= cast('{{ var("billing")["billing_from"] }}' as date)
    and judged.pilot_scope_gate = 'passed' as is_in_scope,
    coalesce(judged.not_billed_yet_reason in ('already_invoiced', 'billed_already'), false)
        as is_billed,
    units.won_date >= cast('{{ var("billing")["billing_from"] }}' as date)
    and judged.passes as is_ready,
    {% for gate in gates %}
        judged.{{ gate }}_gate,
        judged.{{ gate }}_reason,
    {% endfor %}
    judged.reasons,
    approvals.approval_id,
    approvals.approved_by_id,
    approvals.approved_at,
    contents.content_fingerprint,
    coalesce(generations.generation, 1) as generation
from units
inner join judged using (entity, billing_key)
left join approvals using (entity, deal_id)
left join contents using (entity, deal_id)
left join generations using (entity, billing_key)
