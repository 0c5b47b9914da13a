select
    system,
    entity,
    week,
    created_by,
    cast(count(*) as integer) as records_count,
    cast(count(*) filter (where is_duplicate) as integer) as duplicates_count,
    {{ percentage('count(*) filter (where is_duplicate)', 'count(*)') }} as duplicate_creation_rate
from {{ ref('int_duplicates__entries') }}
group by all
