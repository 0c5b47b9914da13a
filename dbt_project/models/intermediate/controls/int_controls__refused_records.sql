with refused as (
    {% for system in ['quickbooks', 'salesforce'] %}
        select
            '{{ system }}' as subject_system,
            *
        from {{ ref('stg_' ~ system ~ '__rejects') }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

record_states as (
    {% for system in ['quickbooks', 'salesforce'] %}
        select
            '{{ system }}' as subject_system,
            *
        from {{ ref('stg_' ~ system ~ '__record_states') }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

newest_refusals as (
    select *
    from refused
    qualify row_number() over (
        partition by subject_system, entity, object, coalesce(record_id, payload_hash)
        order by extracted_at desc, payload_hash desc
    ) = 1
)

-- A good version of the same record, or its deletion, settles what was refused before it.
select
    newest_refusals.subject_system,
    newest_refusals.entity,
    newest_refusals.object,
    newest_refusals.record_id,
    newest_refusals.field,
    newest_refusals.reason,
    newest_refusals.mend,
    newest_refusals.payload_hash,
    newest_refusals.extracted_at
from newest_refusals
anti join record_states
    on
        newest_refusals.subject_system = record_states.subject_system
        and newest_refusals.entity = record_states.entity
        and newest_refusals.object = record_states.object
        and newest_refusals.record_id = record_states.record_id
        and newest_refusals.extracted_at < record_states.extracted_at
