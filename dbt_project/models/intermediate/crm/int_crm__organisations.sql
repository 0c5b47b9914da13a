with extractions as (
    select * from {{ ref('stg_salesforce__extractions') }}
),

currency_types as (
    select * from {{ ref('stg_salesforce__currency_types') }}
    where is_corporate
),

newest_extractions as (
    select *
    from extractions
    qualify row_number() over (partition by entity order by extracted_at desc, run_id desc) = 1
)

select
    'salesforce' as crm_system,
    newest_extractions.entity as crm_entity,
    min(currency_types.currency) as corporate_currency,
    any_value(newest_extractions.time_zone) as time_zone,
    any_value(newest_extractions.extracted_at) as extracted_at
from newest_extractions
left join currency_types using (entity)
group by newest_extractions.entity
