select
    entity,
    as_of_date,
    measure,
    currency,
    customer_id,
    ours,
    theirs,
    difference
from {{ ref('tie_outs') }}
where is_blocking
