with units as (
    select distinct
        entity,
        crm_entity,
        deal_id,
        bill_to_account_id
    from {{ ref('int_billing__units') }}
),

opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
),

deal_lines as (
    select
        crm_entity,
        deal_id,
        deal_line_id
    from {{ ref('int_crm__deal_lines') }}
),

line_versions as (
    select * from {{ ref('stg_salesforce__opportunity_line_item_versions') }}
    qualify row_number() over (
        partition by entity, opportunity_line_item_id order by version desc
    ) = 1
),

schedules as (
    select * from {{ ref('stg_salesforce__opportunity_line_item_schedules') }}
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

processes as (
    select * from {{ ref('stg_salesforce__process_instances') }}
),

records as (
    select
        units.entity,
        units.deal_id,
        'Opportunity' as object,
        opportunities.opportunity_id as record_id,
        opportunities.reviewed_fields
    from units
    inner join opportunities
        on
            units.crm_entity = opportunities.entity
            and units.deal_id = opportunities.opportunity_id
    union all by name
    select
        units.entity,
        units.deal_id,
        'OpportunityLineItem' as object,
        line_versions.opportunity_line_item_id as record_id,
        line_versions.reviewed_fields
    from units
    inner join deal_lines using (crm_entity, deal_id)
    inner join line_versions
        on
            deal_lines.crm_entity = line_versions.entity
            and deal_lines.deal_line_id = line_versions.opportunity_line_item_id
    union all by name
    select
        units.entity,
        units.deal_id,
        'OpportunityLineItemSchedule' as object,
        schedules.opportunity_line_item_schedule_id as record_id,
        schedules.reviewed_fields
    from units
    inner join deal_lines using (crm_entity, deal_id)
    inner join schedules
        on
            deal_lines.crm_entity = schedules.entity
            and deal_lines.deal_line_id = schedules.opportunity_line_item_id
    union all by name
    select
        units.entity,
        units.deal_id,
        'Account' as object,
        accounts.account_id as record_id,
        accounts.reviewed_fields
    from units
    inner join accounts
        on units.crm_entity = accounts.entity and units.bill_to_account_id = accounts.account_id
    union all by name
    select
        units.entity,
        units.deal_id,
        'ProcessInstance' as object,
        processes.process_instance_id as record_id,
        processes.reviewed_fields
    from units
    inner join processes
        on units.crm_entity = processes.entity and units.deal_id = processes.target_object_id
)

select
    entity,
    deal_id,
    {{ json_record({
        'Opportunity': reviewed_records('Opportunity'),
        'OpportunityLineItem': reviewed_records('OpportunityLineItem'),
        'OpportunityLineItemSchedule': reviewed_records('OpportunityLineItemSchedule'),
        'Account': reviewed_records('Account'),
        'ProcessInstance': reviewed_records('ProcessInstance'),
    }) }} as evaluated
from records
group by entity, deal_id
