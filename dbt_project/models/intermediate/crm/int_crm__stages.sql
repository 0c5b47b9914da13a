with history as (
    select * from {{ ref('stg_salesforce__opportunity_history') }}
),

deals as (
    select * from {{ ref('int_crm__deals') }}
),

told as (
    select
        entity as crm_entity,
        stage_name as stage,
        probability_percent
    from history
    union all
    select
        crm_entity,
        stage,
        probability_percent
    from deals
)

-- A person may change one deal's probability; what most deals of a stage say is the stage's own.
select
    'salesforce' as crm_system,
    crm_entity,
    stage,
    mode(probability_percent order by probability_percent) as probability_percent
from told
where stage is not null and probability_percent is not null
group by all
