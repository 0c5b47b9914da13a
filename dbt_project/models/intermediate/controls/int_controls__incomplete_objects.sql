with record_counts as (
    select * from {{ ref('int_controls__record_counts') }}
),

agreed as (
    select
        system,
        entity,
        object,
        max(counted_at) as agreed_at
    from record_counts
    where difference = 0
    group by all
)

select
    record_counts.system,
    record_counts.entity,
    record_counts.object,
    arg_max(record_counts.ours, record_counts.counted_at) as ours,
    arg_max(record_counts.theirs, record_counts.counted_at) as theirs,
    arg_max(record_counts.difference, record_counts.counted_at) as difference,
    min(record_counts.counted_at) as first_counted_at
from record_counts
left join agreed using (system, entity, object)
where agreed.agreed_at is null or record_counts.counted_at > agreed.agreed_at
group by all
