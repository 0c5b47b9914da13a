with deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

billing_endings as (
    select * from {{ ref('int_crm__billing_endings') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where deal_id is not null
),

schedules as (
    select
        crm_entity,
        deal_id,
        count(distinct instalment_date) as instalments_count,
        max(instalment_date) as last_instalment_date
    from instalments
    group by all
),

scheduled_deals as (
    select
        deals.entity,
        deals.crm_entity,
        deals.deal_id,
        deals.won_date,
        schedules.instalments_count,
        greatest(deals.won_date, schedules.last_instalment_date) as last_expected_date
    from deals
    left join schedules using (crm_entity, deal_id)
),

by_field as (
    select
        deals.entity,
        deals.deal_id,
        billing_endings.closed_for_billing as ending,
        greatest(
            coalesce(
                billing_endings.billing_closed_date,
                cast(
                    timezone(coalesce(entities.time_zone, 'UTC'), billing_endings.first_seen_at)
                    as date
                )
            ),
            deals.won_date
        ) as closed_date,
        1 as preference
    from deals
    inner join billing_endings using (crm_entity, deal_id)
    inner join entities using (entity)
),

numbered_invoices as (
    select
        entity,
        deal_id,
        txn_date,
        row_number() over (partition by entity, deal_id order by txn_date) as invoice_number
    from shares
),

by_instalments as (
    select
        scheduled_deals.entity,
        scheduled_deals.deal_id,
        'all_instalments' as ending,
        greatest(numbered_invoices.txn_date, scheduled_deals.won_date) as closed_date,
        2 as preference
    from scheduled_deals
    inner join numbered_invoices
        on
            scheduled_deals.entity = numbered_invoices.entity
            and scheduled_deals.deal_id = numbered_invoices.deal_id
            and scheduled_deals.instalments_count = numbered_invoices.invoice_number
),

signs_of_life as (
    select
        entity,
        deal_id,
        last_expected_date as seen_date
    from scheduled_deals
    union
    select
        shares.entity,
        shares.deal_id,
        shares.txn_date as seen_date
    from shares
    inner join scheduled_deals using (entity, deal_id)
    where shares.txn_date > scheduled_deals.last_expected_date
),

waits as (
    select
        entity,
        deal_id,
        seen_date + {{ var('quiet_days') }} as quiet_date,
        lead(seen_date) over (partition by entity, deal_id order by seen_date) as next_seen_date
    from signs_of_life
),

by_quiet as (
    select
        entity,
        deal_id,
        'quiet' as ending,
        min(quiet_date) as closed_date,
        3 as preference
    from waits
    where coalesce(next_seen_date > quiet_date, true)
    group by all
),

endings as (
    select * from by_field
    union all by name
    select * from by_instalments
    union all by name
    select * from by_quiet
)

select
    entity,
    deal_id,
    ending,
    closed_date
from endings
where closed_date <= {{ as_of_date() }}
qualify row_number() over (partition by entity, deal_id order by closed_date, preference) = 1
