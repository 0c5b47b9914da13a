with latest as (
    {{ latest_versions(source('raw_salesforce', 'process_instances')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        {{ fields_as_shown(
            'payload',
            ['Id', 'TargetObjectId', 'Status', 'SubmittedById', 'LastActorId', 'CompletedDate']
        ) }} as reviewed_fields,
        json_transform(payload, '{
            "TargetObjectId": "VARCHAR",
            "SubmittedById": "VARCHAR",
            "LastActorId": "VARCHAR",
            "Status": "VARCHAR",
            "CreatedDate": "TIMESTAMPTZ",
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
    process.createddate as submitted_at,
    process.completeddate as completed_at,
    reviewed_fields,
    extracted_at
from parsed
