{%- set severities = {
    'delivery': 'low', 'segregation_of_duties': 'high', 'as_approved': 'high',
    'not_billed_yet': 'high',
} -%}
with readiness as (
    select * from {{ ref('readiness') }}
    where is_in_scope and not is_billed
),

gates as (
    select * from {{ ref('int_billing__gates') }}
    where
        reason_code not in ('no_approval', 'closed_for_billing')
        and {{ stops_its_unit() }}
),

record_states as (
    select * from {{ ref('stg_salesforce__record_states') }}
    where object = 'opportunities'
),

findings as (
    select
        readiness.entity,
        readiness.crm_system,
        readiness.crm_entity,
        readiness.deal_id,
        readiness.instalment_id,
        readiness.instalment_date,
        readiness.deal_name,
        readiness.amount,
        readiness.currency,
        greatest(readiness.amount_home, 0) as amount_home,
        gates.gate,
        gates.status,
        gates.reason_code,
        gates.message,
        gates.remedy,
        gates.owner_role,
        record_states.extracted_at
    from readiness
    inner join gates using (entity, billing_key)
    left join record_states
        on
            readiness.crm_entity = record_states.entity
            and readiness.deal_id = record_states.record_id
),

failed as (
    select
        entity,
        'gate_' || gate as type,
        reason_code as root_cause,
        crm_system as subject_system,
        'deal' as subject_type,
        deal_id as subject_id,
        instalment_id as subject_detail,
        amount_home,
        case gate
            {% for gate, severity in severities.items() %}
                when '{{ gate }}' then '{{ severity }}'
            {% endfor %}
            else 'medium'
        end as severity,
        owner_role,
        'Deal ' || coalesce(deal_name, deal_id)
        || case
            when instalment_id is not null then ', instalment of ' || instalment_date else ''
        end
        || ' over ' || amount || ' ' || currency || ' ' || message as message,
        remedy,
        extracted_at
    from findings
    where status = 'failed'
),

-- What is not set up stops all units alike, and is one thing to do.
not_configured as (
    select
        entity,
        'gate_' || gate as type,
        reason_code as root_cause,
        crm_system as subject_system,
        'entity' as subject_type,
        crm_entity as subject_id,
        cast(null as varchar) as subject_detail,
        cast(sum(amount_home) as decimal(18, 2)) as amount_home,
        'high' as severity,
        'system_owner' as owner_role,
        'Each of ' || count(*) || ' deals and instalments to be billed ' || any_value(message)
            as message,
        any_value(remedy) as remedy,
        min(extracted_at) as extracted_at
    from findings
    where status = 'not_configured'
    group by entity, gate, reason_code, crm_system, crm_entity
)

select * from failed
union all by name
select * from not_configured
