with extractions as (
    select * from {{ ref('stg_quickbooks__extractions') }}
),

preferences as (
    select * from {{ ref('stg_quickbooks__preferences') }}
),

company_info as (
    select * from {{ ref('stg_quickbooks__company_info') }}
),

newest_extractions as (
    select
        *,
        min(extracted_at) over (partition by entity) as first_extracted_at
    from extractions
    qualify row_number() over (partition by entity order by extracted_at desc, run_id desc) = 1
)

select
    newest_extractions.entity,
    company_info.company_name,
    coalesce(preferences.home_currency, newest_extractions.home_currency) as home_currency,
    -- Books may age from the transaction date instead; their buckets then say something else.
    not coalesce(preferences.is_aged_from_txn_date, false) as is_aged_by_due_date,
    newest_extractions.time_zone,
    newest_extractions.extraction_date,
    newest_extractions.first_extracted_at,
    newest_extractions.extracted_at
from newest_extractions
left join preferences using (entity)
left join company_info using (entity)
