select
    entity,
    system,
    object,
    ours,
    theirs,
    difference
from {{ ref('completeness') }}
where unit = 'records'
qualify
    difference <> 0
    and row_number() over (partition by entity, system, object order by checked_at desc) = 1
