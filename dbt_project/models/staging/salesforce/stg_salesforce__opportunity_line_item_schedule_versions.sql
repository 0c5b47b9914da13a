with versions as (
    select * from {{ source('raw_salesforce', 'opportunity_line_item_schedules') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        is_deleted,
        extracted_at,
        {{ shown_count(['Revenue', 'Quantity', 'ScheduleDate']) }} as content_fields_count,
        coalesce(source_updated_at, extracted_at) as updated_at,
        json_transform(payload, '{
            "OpportunityLineItemId": "VARCHAR",
            "Quantity": "DECIMAL(20,8)",
            "Revenue": "DECIMAL(18,2)",
            "ScheduleDate": "DATE",
            "CreatedDate": "TIMESTAMPTZ"
        }') as schedule
    from versions
)

select
    entity,
    record_id as opportunity_line_item_schedule_id,
    version,
    schedule.opportunitylineitemid as opportunity_line_item_id,
    schedule.quantity,
    schedule.revenue as revenue_amount,
    schedule.scheduledate as schedule_date,
    content_fields_count,
    is_deleted,
    schedule.createddate as created_at,
    updated_at,
    extracted_at
from parsed
