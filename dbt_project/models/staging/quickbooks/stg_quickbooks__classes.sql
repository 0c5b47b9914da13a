with latest as (
    {{ latest_versions(source('raw_quickbooks', 'classes')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "FullyQualifiedName": "VARCHAR",
            "Active": "BOOLEAN"
        }') as class
    from latest
)

select
    entity,
    record_id as class_id,
    class.name as class_name,
    class.fullyqualifiedname as qualified_name,
    coalesce(class.active, true) as is_active,
    extracted_at
from parsed
