with latest as (
    {{ latest_versions(source('raw_quickbooks', 'departments')) }}
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
        }') as department
    from latest
)

select
    entity,
    record_id as department_id,
    department.name as department_name,
    department.fullyqualifiedname as qualified_name,
    coalesce(department.active, true) as is_active,
    extracted_at
from parsed
