with oddities as (
    select * from {{ ref('int_controls__deal_record_oddities') }}
    union all by name
    select * from {{ ref('int_controls__deal_link_oddities') }}
),

record_states as (
    select
        'quickbooks' as system,
        *
    from {{ ref('stg_quickbooks__record_states') }}
    where object = 'invoices'
    union all by name
    select
        'salesforce' as system,
        *
    from {{ ref('stg_salesforce__record_states') }}
    where object = 'opportunities'
)

select
    oddities.entity,
    oddities.type,
    oddities.root_cause,
    oddities.subject_system,
    oddities.subject_type,
    oddities.subject_id,
    oddities.subject_detail,
    oddities.amount_home,
    oddities.severity,
    oddities.owner_role,
    oddities.message,
    oddities.remedy,
    record_states.extracted_at
from oddities
left join record_states
    on
        oddities.subject_system = record_states.system
        and oddities.record_entity = record_states.entity
        and oddities.subject_id = record_states.record_id
