with families as (
    select * from {{ ref('int_collection__customer_families') }}
)

-- A parent's deal may be billed to a job, and a job's deal to its parent.
select
    entity,
    customer_id,
    member_customer_id as related_customer_id
from families
union
select
    entity,
    member_customer_id as customer_id,
    customer_id as related_customer_id
from families
