with processes as (
    select * from {{ ref('stg_salesforce__process_instances') }}
    where status = 'Approved' and completed_at is not null
),

deals as (
    select * from {{ ref('int_crm__deals') }}
)

select
    deals.crm_system,
    deals.crm_entity,
    deals.deal_id,
    processes.process_instance_id as approval_id,
    processes.submitted_by_id,
    processes.last_actor_id as approved_by_id,
    processes.completed_at as approved_at
from processes
inner join deals
    on processes.entity = deals.crm_entity and processes.target_object_id = deals.deal_id
