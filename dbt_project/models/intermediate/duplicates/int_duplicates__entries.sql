with records as (
    select * from {{ ref('int_duplicates__records') }}
    where created_at is not null
),

clusters as (
    select * from {{ ref('int_duplicates__clusters') }}
),

time_zones as (
    select
        entity,
        time_zone
    from {{ ref('int_ledger__entities') }}
    union all
    select
        crm_entity as entity,
        time_zone
    from {{ ref('int_crm__organisations') }}
)

select
    records.record_key,
    records.system,
    records.entity,
    records.record_id,
    cast(
        date_trunc('week', timezone(coalesce(time_zones.time_zone, 'UTC'), records.created_at))
        as date
    ) as week,
    coalesce(records.created_by, 'unknown') as created_by,
    row_number() over (
        partition by clusters.cluster_id, records.system, records.entity
        order by records.created_at, records.record_key
    ) > 1 as is_duplicate
from records
inner join clusters using (record_key)
left join time_zones using (entity)
