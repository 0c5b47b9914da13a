{%- set credit_standing_rules = [
    {
        'when': "standing = 'hold' and credit_remaining_home < 0",
        'code': "'above_credit_limit'",
        'message': "'has a customer who is on hold: ' || -credit_remaining_home || ' more is open at'"
            ~ " || ' home than the credit limit allows.'",
        'remedy': "'Collect what is open, or raise the credit limit on the account.'",
    },
    {
        'when': "standing = 'hold'",
        'code': "'on_hold'",
        'message': "'has a customer who is on hold: ' || oldest_days_past_due || ' days past due, with'"
            ~ " || ' ' || overdue_balance || ' ' || customer_currency || ' overdue.'",
        'remedy': "'Collect what is overdue.'",
    },
    {
        'when': 'credit_remaining_home is null',
        'code': "'credit_limit_not_set'",
        'status': "'not_configured'",
        'message': "'has a customer without a credit limit.'",
        'remedy': "'Set a credit limit on the account.'",
        'role': "'system_owner'",
    },
    {
        'when': 'amount_home > credit_remaining_home',
        'code': "'above_credit_limit'",
        'message': "'would take its customer above the credit limit: ' || amount_home || ' at home, and'"
            ~ " || ' ' || credit_remaining_home || ' of it is left.'",
        'remedy': "'Collect what is open, or raise the credit limit on the account.'",
    },
    {
        'when': 'amount_home + before_it_home > credit_remaining_home',
        'code': "'above_credit_limit'",
        'message': "'would take its customer above the credit limit: ' || amount_home || ' at home after '"
            ~ " || before_it_home || ' of other units that are ready, and ' || credit_remaining_home"
            ~ " || ' of it is left.'",
        'remedy': "'Collect what is open, or raise the credit limit on the account.'",
    },
] -%}

with recursive units as (
    select * from {{ ref('int_billing__units') }}
),

approvals as (
    select * from {{ ref('int_billing__approvals') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

customers as (
    select * from {{ ref('customers') }}
),

stopped_otherwise as (
    {% for kind in ['approval', 'customer', 'delivery', 'invoicing'] %}
        select
            entity,
            billing_key
        from {{ ref('int_billing__' ~ kind ~ '_findings') }}
        where {{ stops_its_unit() }}
        {% if not loop.last %}union{% endif %}
    {% endfor %}
),

units_with_credit as (
    select
        units.entity,
        units.billing_key,
        coalesce('customer ' || units.customer_id, 'account ' || units.bill_to_account_id)
            as billed_to,
        customers.currency as customer_currency,
        units.amount_home,
        customers.standing,
        customers.oldest_days_past_due,
        customers.overdue_balance,
        case
            when units.customer_id is null then accounts.credit_limit_home
            else customers.credit_remaining_home
        end as credit_remaining_home,
        units.won_date >= cast('{{ var("billing")["billing_from"] }}' as date)
        and stopped_otherwise.billing_key is null as is_ready_otherwise,
        approvals.approved_at
    from units
    left join approvals using (entity, deal_id)
    left join stopped_otherwise using (entity, billing_key)
    left join accounts
        on
            units.crm_entity = accounts.crm_entity
            and units.bill_to_account_id = accounts.crm_account_id
    left join customers
        on units.entity = customers.entity and units.customer_id = customers.customer_id
),

queued as (
    select
        entity,
        billing_key,
        billed_to,
        amount_home,
        credit_remaining_home,
        row_number() over (
            partition by entity, billed_to order by approved_at, billing_key
        ) as position
    from units_with_credit
    where is_ready_otherwise
),

-- One that does not fit leaves the room to those after it.
taken_in_turn as (
    select
        *,
        cast(0 as decimal(18, 2)) as before_it_home
    from queued
    where position = 1
    union all
    select
        queued.*,
        cast(
            before.before_it_home + if(
                before.before_it_home + before.amount_home <= before.credit_remaining_home,
                before.amount_home,
                0
            ) as decimal(18, 2)
        ) as before_it_home
    from taken_in_turn as before
    inner join queued
        on
            before.entity = queued.entity
            and before.billed_to = queued.billed_to
            and before.position + 1 = queued.position
),

facts as (
    select
        units_with_credit.*,
        coalesce(taken_in_turn.before_it_home, 0) as before_it_home
    from units_with_credit
    left join taken_in_turn using (entity, billing_key)
)

{{ findings('credit_standing', 'facts', 'billing_clerk', credit_standing_rules) }}
