with tie_outs as (
    select * from {{ ref('tie_outs') }}
    where not is_within_rounding
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

control_balances as (
    select * from {{ ref('int_ledger__control_balances') }}
),

controlled_dates as (
    select * from {{ ref('int_ledger__controlled_dates') }}
),

refused_records as (
    select * from {{ ref('int_controls__refused_records') }}
),

incomplete_objects as (
    select * from {{ ref('int_controls__incomplete_objects') }}
),

stale_entities as (
    select * from {{ ref('int_controls__stale_entities') }}
),

receivable_oddities as (
    select * from {{ ref('int_controls__receivable_oddities') }}
),

deal_oddities as (
    select * from {{ ref('int_controls__deal_oddities') }}
),

written_invoice_oddities as (
    select * from {{ ref('int_controls__written_invoice_oddities') }}
),

gate_oddities as (
    select * from {{ ref('int_controls__gate_oddities') }}
),

write_oddities as (
    select * from {{ ref('int_controls__write_oddities') }}
),

duplicate_oddities as (
    select * from {{ ref('int_controls__duplicate_oddities') }}
),

-- A total differs because customers do; it stands alone only where no customer explains it.
explained_by_customers as (
    select
        entity,
        as_of_date,
        measure,
        currency,
        sum(difference) as explained
    from tie_outs
    where customer_id is not null
    group by all
),

differences as (
    select
        tie_outs.entity,
        tie_outs.as_of_date,
        tie_outs.measure,
        tie_outs.currency,
        tie_outs.customer_id,
        tie_outs.ours,
        tie_outs.theirs,
        tie_outs.difference,
        tie_outs.largest_bucket_difference,
        tie_outs.largest_document_difference,
        tie_outs.rounding_allowance,
        tie_outs.disputed_amount,
        tie_outs.is_blocking,
        coalesce(control_balances.read_at, controlled_dates.read_at) as read_at,
        case
            when tie_outs.customer_id is not null then tie_outs.customer_name
            when tie_outs.measure = 'ar_control_account' then 'accounts receivable'
            else 'all customers in ' || tie_outs.currency
        end as subject_name
    from tie_outs
    inner join entities using (entity)
    inner join controlled_dates
        on
            tie_outs.entity = controlled_dates.entity
            and tie_outs.as_of_date = controlled_dates.as_of_date
            and tie_outs.measure = controlled_dates.measure
            and controlled_dates.is_foreign = (
                tie_outs.measure = 'aged_receivables'
                and tie_outs.currency <> entities.home_currency
            )
    left join control_balances
        on
            tie_outs.entity = control_balances.entity
            and tie_outs.as_of_date = control_balances.as_of_date
            and tie_outs.measure = control_balances.measure
            and tie_outs.currency = control_balances.currency
            and coalesce(tie_outs.customer_id, '') = coalesce(control_balances.customer_id, '')
    left join explained_by_customers
        on
            tie_outs.entity = explained_by_customers.entity
            and tie_outs.as_of_date = explained_by_customers.as_of_date
            and tie_outs.measure = explained_by_customers.measure
            and tie_outs.currency = explained_by_customers.currency
    where
        tie_outs.customer_id is not null
        or explained_by_customers.explained is null
        or tie_outs.difference <> explained_by_customers.explained
),

-- One exception per subject however many dates show it: the newest figures, the first sighting.
newest_differences as (
    select
        *,
        min(read_at) over same_subject as first_seen_at,
        min(as_of_date) over same_subject as first_as_of_date
    from differences
    window same_subject as (partition by entity, measure, currency, customer_id)
    qualify row_number() over (
        partition by entity, measure, currency, customer_id order by as_of_date desc
    ) = 1
),

tie_out_differences as (
    select
        'tie_out_difference' as type,
        newest.measure as root_cause,
        'quickbooks' as subject_system,
        case when newest.customer_id is null then 'account' else 'customer' end as subject_type,
        coalesce(newest.customer_id, 'accounts_receivable') as subject_id,
        newest.entity,
        newest.currency as subject_detail,
        case when newest.currency = entities.home_currency then abs(newest.disputed_amount) end
            as amount_home,
        case when newest.is_blocking then 'high' else 'medium' end as severity,
        'accountant' as owner_role,
        newest.first_seen_at,
        case newest.measure
            when 'customer_balance' then 'QuickBooks'' customer record shows '
            when 'aged_receivables'
                then
                    'QuickBooks'' ageing report of ' || newest.as_of_date || ' shows '
            else 'QuickBooks'' balance sheet of ' || newest.as_of_date || ' shows '
        end
        || newest.theirs || ' ' || newest.currency || ' for ' || newest.subject_name
        || case
            when abs(newest.difference) > newest.rounding_allowance
                then
                    ', its documents add up to ' || newest.ours || ': ' || abs(newest.difference)
                    || case when newest.difference < 0 then ' more' else ' less' end
            when newest.largest_bucket_difference > newest.rounding_allowance
                then
                    '. The total agrees, but ' || newest.largest_bucket_difference
                    || ' stands in another age bucket'
            else
                '. The total agrees, but a document differs by '
                || newest.largest_document_difference
        end
        || case
            when newest.first_as_of_date < newest.as_of_date
                then '. It has differed since ' || newest.first_as_of_date || '.'
            else '.'
        end as message,
        case newest.measure
            when 'customer_balance'
                then
                    'Open the customer in QuickBooks and look for a posting that no'
                    || ' document shows (statement charge, opening balance, bank feed entry), or'
                    || ' for a document changed since the customer was read.'
            when 'aged_receivables'
                then
                    'Run the same report in QuickBooks for that date and compare it with'
                    || ' finance.ar_open_items, document by document; where the total agrees, a'
                    || ' payment or credit is probably applied to something else there. If the'
                    || ' difference is accepted, waive it in the policy for '
                    || newest.disputed_amount || ', with a reason and an end date.'
            else
                'Run the same report in QuickBooks for that date and compare it with'
                || ' finance.ar_open_items, document by document. If the difference is accepted,'
                || ' waive it in the policy with a reason and an end date.'
        end as remedy
    from newest_differences as newest
    inner join entities using (entity)
),

refusals as (
    select
        'refused_record' as type,
        'malformed_record' as root_cause,
        subject_system,
        object as subject_type,
        coalesce(record_id, 'payload ' || payload_hash) as subject_id,
        entity,
        cast(null as varchar) as subject_detail,
        cast(null as decimal(18, 2)) as amount_home,
        'high' as severity,
        'system_owner' as owner_role,
        extracted_at as first_seen_at,
        object || coalesce(' ' || record_id, ' without an id') || ' was refused'
        || coalesce(' at ' || field, '') || ': ' || reason as message,
        mend as remedy
    from refused_records
),

gaps as (
    select
        'completeness_gap' as type,
        case when difference < 0 then 'records_missing' else 'records_too_many' end as root_cause,
        system as subject_system,
        'object' as subject_type,
        object as subject_id,
        entity,
        'medium' as severity,
        'system_owner' as owner_role,
        first_counted_at as first_seen_at,
        'We hold ' || ours || ' ' || object || ', ' || system || ' counts ' || theirs || ': '
        || abs(difference) || case when difference < 0 then ' missing.' else ' too many.' end
            as message,
        'Look for a refused record of this object first, then whether the user of the connection'
        || ' may read all of it. A changed difference is looked into by the next run, an unchanged'
        || ' one by the weekly listing.' as remedy
    from incomplete_objects
),

stale as (
    select
        'stale_entity' as type,
        'extraction_failed' as root_cause,
        system as subject_system,
        'entity' as subject_type,
        entity as subject_id,
        entity,
        'high' as severity,
        'system_owner' as owner_role,
        first_failed_at as first_seen_at,
        system || ' ' || entity
        || coalesce(
            ' was last read at ' || strftime(timezone('UTC', last_read_at), '%Y-%m-%d %H:%M')
            || ' UTC and is stale since.',
            ' was never read.'
        ) as message,
        reason as remedy
    from stale_entities
),

oddities as (
    select
        type,
        root_cause,
        'quickbooks' as subject_system,
        document_type as subject_type,
        document_id as subject_id,
        entity,
        subject_detail,
        amount_home,
        severity,
        owner_role,
        extracted_at as first_seen_at,
        message,
        remedy
    from receivable_oddities
),

odd_records as (
    select
        type,
        root_cause,
        subject_system,
        subject_type,
        subject_id,
        entity,
        subject_detail,
        amount_home,
        severity,
        owner_role,
        extracted_at as first_seen_at,
        message,
        remedy
    from (
        select * from deal_oddities
        union all by name
        select * from written_invoice_oddities
        union all by name
        select * from gate_oddities
        union all by name
        select * from duplicate_oddities
    ) as oddities_of_records
),

odd_writes as (
    select
        * exclude (happened_at),
        happened_at as first_seen_at
    from write_oddities
),

exceptions as (
    select * from tie_out_differences
    union all by name
    select * from oddities
    union all by name
    select * from odd_records
    union all by name
    select * from odd_writes
    union all by name
    select * from refusals
    union all by name
    select * from gaps
    union all by name
    select * from stale
)

select
    md5(concat_ws(
        '|', type, root_cause, subject_system, subject_type, subject_id, entity, subject_detail
    )) as exception_id,
    type,
    root_cause,
    subject_system,
    subject_type,
    subject_id,
    entity,
    amount_home,
    severity,
    owner_role,
    first_seen_at,
    first_seen_at + case severity
        when 'high' then interval 24 hours
        when 'medium' then interval 48 hours
        else interval 168 hours
    end as due_at,
    'open' as status,
    cast(null as timestamptz) as resolved_at,
    message,
    remedy
from exceptions
