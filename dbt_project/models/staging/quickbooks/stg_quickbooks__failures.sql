select
    entity,
    run_id,
    reason,
    last_read_at,
    failed_at
from {{ source('raw_quickbooks', 'failures') }}
