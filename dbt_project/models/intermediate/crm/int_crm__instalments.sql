with schedules as (
    select * from {{ ref('stg_salesforce__opportunity_line_item_schedules') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
)

select
    deal_lines.crm_system,
    deal_lines.crm_entity,
    deal_lines.deal_id,
    deal_lines.deal_line_id,
    schedules.opportunity_line_item_schedule_id as instalment_id,
    schedules.description,
    schedules.delivery_status,
    schedules.quantity,
    schedules.revenue_amount as amount,
    schedules.schedule_date as instalment_date
from schedules
inner join deal_lines
    on
        schedules.entity = deal_lines.crm_entity
        and schedules.opportunity_line_item_id = deal_lines.deal_line_id
