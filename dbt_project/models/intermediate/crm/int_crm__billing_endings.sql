with deals as (
    select * from {{ ref('int_crm__deals') }}
    where closed_for_billing is not null
),

versions as (
    select * from {{ ref('stg_salesforce__opportunity_versions') }}
),

compared as (
    select
        deals.crm_system,
        deals.crm_entity,
        deals.deal_id,
        deals.closed_for_billing,
        deals.billing_closed_date,
        versions.version,
        versions.updated_at,
        coalesce(lower(versions.billing_status) = lower(deals.billing_status), false)
            as is_as_now
    from deals
    inner join versions
        on
            deals.crm_entity = versions.entity
            and deals.deal_id = versions.opportunity_id
    where not versions.is_deleted
),

-- What was taken back in between had not ended.
as_now_since as (
    select
        *,
        coalesce(
            max(version) filter (where not is_as_now) over (partition by crm_entity, deal_id), -1
        ) as last_other_version
    from compared
)

select
    crm_system,
    crm_entity,
    deal_id,
    closed_for_billing,
    billing_closed_date,
    min(updated_at) as first_seen_at
from as_now_since
where version > last_other_version
group by all
