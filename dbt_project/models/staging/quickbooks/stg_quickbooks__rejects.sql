select
    entity,
    record_id,
    object,
    field,
    reason,
    mend,
    payload_hash,
    extracted_at,
    run_id
from {{ source('raw_quickbooks', 'rejects') }}
