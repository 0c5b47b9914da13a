with latest as (
    {{ latest_versions(source('raw_salesforce', 'process_instances')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "TargetObjectId": "VARCHAR",
            "SubmittedById": "VARCHAR",
            "LastActorId": "VARCHAR",
            "Status": "VARCHAR",
            "CompletedDate": "TIMESTAMPTZ"
        }') as process
    from latest
)

select
    entity,
    record_id as process_instance_id,
    process.targetobjectid as target_object_id,
    process.submittedbyid as submitted_by_id,
    process.lastactorid as last_actor_id,
    process.status,
    process.completeddate as completed_at,
    extracted_at
from parsed
