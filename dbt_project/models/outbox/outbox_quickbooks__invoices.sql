with billable as (
    select * from {{ ref('billable_deals') }}
    -- A customer that is still to be made has one currency: that of what was approved first.
    qualify
        customer_id is not null
        or currency = first_value(currency) over (
            partition by entity, crm_system, bill_to_account_id order by approved_at, billing_key
        )
),

payloads as (
    select * from {{ ref('int_billing__invoice_payloads') }}
),

evaluated_deals as (
    select * from {{ ref('int_billing__evaluated_deals') }}
),

deals as (
    select * from {{ ref('int_crm__deals') }}
),

wanted as (
    select
        'quickbooks' as system,
        billable.entity,
        'Invoice' as object,
        'create' as operation,
        billable.billing_key as key,
        payloads.marker,
        payloads.generation,
        payloads.payload,
        billable.content_fingerprint,
        payloads.preconditions_hash,
        payloads.depends_on,
        cast(null as varchar) as remote_id,
        evaluated_deals.evaluated,
        payloads.total_amount,
        'Deal ' || coalesce(billable.deal_name, billable.deal_id) || ' may be billed '
        || if(payloads.generation > 1, 'again ', '') || 'for ' || billable.amount || ' '
        || billable.currency || '.' as reason,
        billable.approved_at as due_at,
        deals.extracted_at as evaluated_at
    from billable
    inner join payloads using (entity, billing_key)
    inner join evaluated_deals
        on billable.entity = evaluated_deals.entity and billable.deal_id = evaluated_deals.deal_id
    inner join deals
        on billable.crm_entity = deals.crm_entity and billable.deal_id = deals.deal_id
)

{{ outbox_rows('wanted') }}
