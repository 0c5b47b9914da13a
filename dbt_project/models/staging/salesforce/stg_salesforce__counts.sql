select
    entity,
    object,
    run_id,
    ours,
    theirs,
    counted_at
from {{ source('raw_salesforce', 'counts') }}
