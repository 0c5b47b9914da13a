with events as (
    select * from {{ ref('stg_ledger__events') }}
)

select
    event_id,
    sequence,
    hash,
    target_system,
    entity,
    object,
    key,
    operation,
    generation,
    attempt,
    state,
    previous_state,
    marker,
    request_id,
    payload_hash,
    remote_id,
    document_number,
    currency,
    exchange_rate,
    wanted_total,
    total,
    code,
    reason,
    is_changed,
    actor,
    run_id,
    happened_at,
    vendor_at,
    -- A restored ledger counts anew from where its backup was made; what was copied last holds.
    row_number() over (
        partition by target_system, entity, object, key
        order by extracted_at desc, sequence desc
    ) = 1 as is_newest,
    case
        when target_system = 'policy'
            then if(state = 'withdrawn', 'No longer decided ', 'Decided ') || reason
        when state = 'planned' then 'Planned' || coalesce(': ' || reason, '')
        when state = 'sent' then 'Sent' || coalesce('; ' || reason, '')
        when state = 'refused'
            then 'Refused' || coalesce(' (' || code || ')', '') || coalesce(': ' || reason, '')
        when state = 'withdrawn' then 'Withdrawn' || coalesce(': ' || reason, '')
        else
            case state when 'adopted' then 'Adopted' else 'Confirmed' end
            || coalesce(' as ' || coalesce(document_number, remote_id), '')
            || coalesce(' over ' || total || coalesce(' ' || currency, ''), '')
            || coalesce(': ' || reason, '')
    end as message
from events
