with oddities as (
    select * from {{ ref('int_controls__document_oddities') }}
    union all by name
    select * from {{ ref('int_controls__application_oddities') }}
),

record_states as (
    select * from {{ ref('stg_quickbooks__record_states') }}
)

select
    oddities.entity,
    oddities.type,
    oddities.root_cause,
    oddities.document_type,
    oddities.document_id,
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
        oddities.entity = record_states.entity
        and oddities.transaction_id = record_states.record_id
        and record_states.object = case oddities.transaction_type
            when 'journal_entry' then 'journal_entries'
            else oddities.transaction_type || 's'
        end
