with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunity_line_item_schedules')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "OpportunityLineItemId": "VARCHAR",
            "Type": "VARCHAR",
            "Description": "VARCHAR",
            "Quantity": "DECIMAL(20,8)",
            "Revenue": "DECIMAL(18,2)",
            "ScheduleDate": "DATE"
        }') as schedule
    from latest
)

select
    entity,
    record_id as opportunity_line_item_schedule_id,
    schedule.opportunitylineitemid as opportunity_line_item_id,
    schedule.type as schedule_type,
    schedule.description,
    schedule.quantity,
    schedule.revenue as revenue_amount,
    schedule.scheduledate as schedule_date,
    extracted_at
from parsed
