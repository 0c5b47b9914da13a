{%- set for_ever = "timestamptz '9999-12-31 00:00:00+00'" -%}
with versions as (
    select
        *,
        {{ version_moment('opportunity_id') }} as seen_at
    from {{ ref('stg_salesforce__opportunity_versions') }}
)

select
    'salesforce' as crm_system,
    entity as crm_entity,
    opportunity_id as deal_id,
    version,
    account_id as crm_account_id,
    purchase_order_number,
    amount,
    is_deleted,
    seen_at as valid_from,
    lead(seen_at, 1, {{ for_ever }}) over (
        partition by entity, opportunity_id order by version
    ) as valid_until
from versions
