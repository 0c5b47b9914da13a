with opportunities as (
    select * from {{ ref('stg_salesforce__opportunities') }}
    where not is_deleted
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
)

select
    'salesforce' as crm_system,
    opportunities.entity as crm_entity,
    opportunities.opportunity_id as deal_id,
    opportunities.account_id as crm_account_id,
    opportunities.opportunity_name as deal_name,
    opportunities.stage_name as stage,
    users.user_name as owner_name,
    opportunities.currency,
    opportunities.amount,
    coalesce(opportunities.is_won, false) as is_won,
    not coalesce(opportunities.is_closed, false) as is_open,
    opportunities.close_date
from opportunities
left join users
    on opportunities.entity = users.entity and opportunities.owner_id = users.user_id
