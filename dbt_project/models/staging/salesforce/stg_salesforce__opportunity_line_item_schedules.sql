with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunity_line_item_schedules')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        {{ fields_as_shown(
            'payload', ['Id', 'OpportunityLineItemId', 'Revenue', 'Quantity', 'ScheduleDate']
        ) }} as reviewed_fields,
        json_transform(payload, '{
            "OpportunityLineItemId": "VARCHAR",
            "Type": "VARCHAR",
            "Description": "VARCHAR",
            "Quantity": "DECIMAL(20,8)",
            "Revenue": "DECIMAL(18,2)",
            "ScheduleDate": "DATE",
            "{{ crm_field("instalment", "delivery_status") }}": "VARCHAR"
        }') as schedule
    from latest
)

select
    entity,
    record_id as opportunity_line_item_schedule_id,
    schedule.opportunitylineitemid as opportunity_line_item_id,
    schedule.type as schedule_type,
    schedule.description,
    nullif(trim(schedule."{{ crm_field('instalment', 'delivery_status') }}"), '')
        as delivery_status,
    schedule.quantity,
    schedule.revenue as revenue_amount,
    schedule.scheduledate as schedule_date,
    reviewed_fields,
    extracted_at
from parsed
