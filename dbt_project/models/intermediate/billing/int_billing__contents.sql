{#- An approval may itself edit its deal; what is stamped so soon after it is part of it. -#}
{%- set grace = "interval 60 seconds" -%}
{%- set differences_max = 5 -%}
with approvals as (
    select * from {{ ref('int_billing__approvals') }}
    where is_approved
),

deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

readings as (
    select * from {{ ref('int_controls__completed_readings') }}
    where system = 'salesforce'
),

versions as (
    select * from {{ ref('int_billing__content_versions') }}
),

bill_to_accounts as (
    select * from {{ ref('int_billing__bill_to_accounts') }}
),

known_fields as (
    select * from {{ ref('int_billing__known_fields') }}
),

history as (
    select
        entity as crm_entity,
        opportunity_id as deal_id,
        case field_name
            when 'Amount' then 'amount'
            when 'CurrencyIsoCode' then 'currency'
            when 'Account' then 'account'
            when 'AccountId' then 'account'
            when '{{ crm_field("opportunity", "payment_terms") }}' then 'terms'
        end as field,
        old_value,
        new_value,
        created_at
    from {{ ref('stg_salesforce__opportunity_field_history') }}
),

-- A reading shows what holds when it begins or later, so the first one begun since counts.
approved as (
    select
        deals.entity,
        deals.deal_id,
        deals.crm_entity,
        deals.crm_account_id,
        approvals.approved_at,
        readings.extracted_at as read_at
    from deals
    inner join approvals using (entity, deal_id)
    asof left join readings
        on deals.crm_entity = readings.entity and approvals.approved_at <= readings.extracted_at
),

accounts_of_deals as (
    select
        approved.entity,
        approved.deal_id,
        approved.crm_entity,
        unnest(bill_to_accounts.account_ids) as account_id
    from approved
    inner join bill_to_accounts using (crm_entity, crm_account_id)
),

records_of_deals as (
    select
        approved.entity,
        approved.approved_at,
        approved.read_at,
        versions.*
    from approved
    inner join versions using (crm_entity, deal_id)
    union all by name
    select
        approved.entity,
        approved.approved_at,
        approved.read_at,
        versions.* replace (approved.deal_id as deal_id)
    from approved
    inner join accounts_of_deals using (entity, deal_id)
    inner join versions
        on
            accounts_of_deals.crm_entity = versions.crm_entity
            and accounts_of_deals.account_id = versions.record_id
            and versions.record_kind = 'account'
),

placed as (
    select
        *,
        max(version) filter (where extracted_at <= read_at) over same_record as held_version,
        max(version) over same_record as newest_version,
        arg_max(content_fields_count, version) over same_record as present_fields_count
    from records_of_deals
    window same_record as (partition by entity, deal_id, record_kind, record_id)
),

-- What held at that reading; where fields were not read yet, the first version that shows them.
held as (
    select *
    from placed
    where
        version >= held_version
        and (is_deleted or content_fields_count >= present_fields_count)
    qualify
        row_number() over (
            partition by entity, deal_id, record_kind, record_id order by version
        ) = 1
),

present as (
    select *
    from placed
    where version = newest_version and not is_deleted
),

compared as (
    select
        entity,
        deal_id,
        record_kind,
        record_id,
        coalesce(present.approved_at, held.approved_at) as approved_at,
        coalesce(present.record_name, held.record_name) as record_name,
        held.content as held_content,
        held.created_at,
        held.changed_at,
        coalesce(present.content, held.content) as present_content,
        held.record_id is null or (held.is_deleted and present.record_id is not null) as is_added,
        not held.is_deleted and present.record_id is null as is_removed,
        coalesce(held.is_deleted and present.record_id is null, false) as was_removed,
        coalesce(held.changed_at > held.approved_at + {{ grace }}, false) as is_late
    from held
    full join present using (entity, deal_id, record_kind, record_id)
),

-- A field counts as tracked from its first entry on, whichever deal that is of.
tracked_since as (
    select
        crm_entity,
        field,
        min(created_at) as tracked_since
    from history
    where field is not null
    group by all
),

must_be_tracked as (
    select
        crm_entity,
        ['amount', 'account']
        || if(knows_deal_currency, ['currency'], [])
        || if(knows_deal_terms, ['terms'], []) as fields
    from known_fields
),

tracked as (
    select
        approved.entity,
        approved.deal_id,
        list_has_all(
            list(tracked_since.field) filter (
                where tracked_since.tracked_since <= approved.approved_at
            ),
            any_value(must_be_tracked.fields)
        ) as is_tracked
    from approved
    inner join must_be_tracked using (crm_entity)
    inner join tracked_since using (crm_entity)
    group by all
),

changes_between as (
    select
        compared.entity,
        compared.deal_id,
        compared.record_kind,
        compared.record_name,
        'the deal''s ' || history.field || ' was ' || coalesce(history.old_value, 'empty')
        || ', became ' || coalesce(history.new_value, 'empty') as difference
    from compared
    inner join deals using (entity, deal_id)
    inner join history
        on
            deals.crm_entity = history.crm_entity
            and deals.deal_id = history.deal_id
            and compared.approved_at + {{ grace }} < history.created_at
            and compared.changed_at >= history.created_at
    where compared.record_kind = 'deal' and compared.is_late and history.field is not null
),

fields_compared as (
    select
        entity,
        deal_id,
        record_kind,
        record_id,
        record_name,
        unnest(list_zip(held_content, present_content)) as pair
    from compared
    where
        not is_added and not is_removed and not was_removed
        and held_content is distinct from present_content
),

changed_fields as (
    select
        entity,
        deal_id,
        record_kind,
        record_name,
        case record_kind
            when 'deal' then 'the deal''s'
            when 'instalment' then 'an instalment''s'
            else record_name || ':'
        end || ' ' || pair[1].field || ' was ' || coalesce(pair[1].value, 'empty') || ', is '
        || coalesce(pair[2].value, 'empty') as difference
    from fields_compared
    where pair[1].value is distinct from pair[2].value
),

added_and_removed as (
    select
        entity,
        deal_id,
        record_kind,
        record_name,
        case record_kind
            when 'instalment' then 'an instalment'
            else coalesce(record_name, 'a ' || record_kind)
        end
        || if(is_removed or was_removed, ' was removed', ' was added') as difference
    from compared
    where
        is_added
        or is_removed
        or (was_removed and is_late)
        or (is_late and created_at > approved_at + {{ grace }})
),

differences as (
    select * from changed_fields
    union all
    select * from changes_between
    union all
    select * from added_and_removed
),

differences_of_deals as (
    select
        entity,
        deal_id,
        array_to_string(
            list(difference order by record_kind, record_name, difference)[:{{ differences_max }}],
            '; '
        )
        || case
            when count(*) > {{ differences_max }}
                then '; and ' || (count(*) - {{ differences_max }}) || ' more'
            else ''
        end as differences
    from differences
    group by all
),

-- What was edited since the approval and before it was read: as it was is not known.
unproven as (
    select
        compared.entity,
        compared.deal_id,
        string_agg(
            case compared.record_kind
                when 'deal' then 'the deal'
                when 'instalment' then 'an instalment'
                else compared.record_name
            end,
            ', ' order by compared.record_kind, compared.record_name, compared.record_id
        ) as records
    from compared
    left join tracked using (entity, deal_id)
    where
        compared.is_late
        and not (compared.record_kind = 'deal' and coalesce(tracked.is_tracked, false))
    group by all
),

fingerprints as (
    select
        entity,
        deal_id,
        sha256(
            string_agg(
                concat_ws('|', record_kind, record_id, cast(content as varchar)),
                chr(10)
                order by record_kind, record_id
            )
        ) as content_fingerprint
    from present
    group by all
)

select
    approved.entity,
    approved.deal_id,
    approved.approved_at,
    approved.read_at,
    case
        when approved.read_at is null then 'not_provable'
        when differences_of_deals.deal_id is not null then 'changed_after_approval'
        when unproven.deal_id is not null then 'not_provable'
    end as reason_code,
    case
        when approved.read_at is null then 'nothing was read since'
        when differences_of_deals.deal_id is not null then differences_of_deals.differences
        else unproven.records || ' was edited since, and how it was approved is not known'
    end as differences,
    fingerprints.content_fingerprint
from approved
left join differences_of_deals using (entity, deal_id)
left join unproven using (entity, deal_id)
left join fingerprints using (entity, deal_id)
