with events as (
    select * from {{ ref('int_billing__write_events') }}
)

select
    entity,
    event_id,
    happened_at,
    target_system,
    object,
    key,
    operation,
    generation,
    attempt,
    state,
    previous_state,
    is_newest,
    remote_id,
    document_number,
    currency,
    wanted_total,
    total,
    message,
    actor,
    run_id,
    marker,
    request_id,
    payload_hash,
    vendor_at,
    sequence,
    hash
from events
