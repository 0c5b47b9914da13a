with readiness as (
    select * from {{ ref('readiness') }}
),

billable as (
    select * from {{ ref('billable_deals') }}
),

payloads as (
    select * from {{ ref('int_billing__customer_payloads') }}
),

-- A customer has one currency for ever: that of what was approved first.
new_customers as (
    select
        entity,
        crm_system || ':' || bill_to_account_id as customer_key,
        'create' as operation,
        arg_min(currency, (approved_at, billing_key)) as currency,
        min(approved_at) as due_at
    from billable
    where customer_id is null
    group by all
),

-- Who is billed is kept as the CRM has it, once finance has activated the account and its data are
-- complete.
followed_customers as (
    select distinct
        entity,
        customer_id
    from readiness
    where
        is_in_scope
        and customer_id is not null
        and customer_complete_gate = 'passed'
        and customer_active_gate = 'passed'
),

wanted as (
    select
        payloads.*,
        payloads.account_name || ' has units to bill and no customer in QuickBooks.' as reason,
        new_customers.due_at
    from payloads
    inner join new_customers using (entity, customer_key, currency, operation)
    union all by name
    select
        payloads.*,
        payloads.account_name || ' has another address or e-mail in the CRM, which owns them.'
            as reason
    from payloads
    semi join followed_customers using (entity, customer_id)
    where payloads.operation = 'update'
),

described as (
    select
        'quickbooks' as system,
        wanted.entity,
        'Customer' as object,
        wanted.operation,
        wanted.customer_key as key,
        wanted.marker,
        1 as generation,
        wanted.payload,
        cast(null as varchar) as content_fingerprint,
        wanted.preconditions_hash,
        cast(null as varchar) as depends_on,
        wanted.customer_id as remote_id,
        wanted.evaluated,
        cast(null as decimal(18, 2)) as total_amount,
        wanted.reason,
        coalesce(wanted.due_at, wanted.evaluated_at) as due_at,
        wanted.evaluated_at
    from wanted
)

{{ outbox_rows('described') }}
