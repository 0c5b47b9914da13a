with readiness as (
    select * from {{ ref('readiness') }}
    where is_ready
)

select
    entity,
    billing_key,
    crm_system,
    crm_entity,
    deal_id,
    instalment_id,
    deal_name,
    bill_to_account_id,
    customer_id,
    currency,
    amount,
    amount_home,
    home_currency,
    terms_name,
    won_date,
    instalment_date,
    approval_id,
    approved_by_id,
    approved_at,
    content_fingerprint,
    generation
from readiness
