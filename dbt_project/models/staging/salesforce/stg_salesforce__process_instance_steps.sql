with latest as (
    {{ latest_versions(source('raw_salesforce', 'process_instance_steps')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "ProcessInstanceId": "VARCHAR",
            "ActorId": "VARCHAR",
            "StepStatus": "VARCHAR",
            "CreatedDate": "TIMESTAMPTZ"
        }') as step
    from latest
)

select
    entity,
    record_id as process_instance_step_id,
    step.processinstanceid as process_instance_id,
    step.actorid as actor_id,
    step.stepstatus as step_status,
    step.createddate as created_at,
    extracted_at
from parsed
