select
    run_id,
    event_count,
    head_hash,
    read_at
from {{ source('raw_ledger', 'readings') }}
