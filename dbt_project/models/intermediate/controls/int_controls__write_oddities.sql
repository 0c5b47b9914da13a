{#- What the vendor's code says about who can help; any other code is the billing clerk's. -#}
{%- set codes_of_the_accountant = ['6000', '6070', '6100', '6200', '6210', '6540'] -%}
{%- set codes_of_the_system_owner = [
    '100', '120', '500', '2010', '2030', '3100', '3200', '5020', '5030', '6190',
    'API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    'FUNCTIONALITY_NOT_ENABLED', 'INSUFFICIENT_ACCESS',
    'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'INSUFFICIENT_ACCESS_OR_READONLY',
    'INVALID_FIELD', 'INVALID_FIELD_FOR_INSERT_UPDATE', 'INVALID_TYPE',
] -%}
{#- A request without an answer is settled by the next delivery; so long it may take. -#}
{%- set doubt_hours_max = 1 -%}
with events as (
    select * exclude (message) from {{ ref('int_billing__write_events') }}
    where is_newest and object <> 'Ledger'
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

readings as (
    select * from {{ ref('stg_ledger__readings') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

last_readings as (
    select
        max(read_at) as read_at,
        arg_max(run_id, read_at) as run_id
    from readings
),

states as (
    select
        events.*,
        coalesce(events.currency, entities.home_currency) as document_currency,
        case
            when events.currency is null or events.currency = entities.home_currency then 1
            else events.exchange_rate
        end as home_rate,
        events.object || ' ' || coalesce(events.document_number, events.remote_id)
        || ' for ' || events.key as record_name,
        last_readings.read_at - events.happened_at as age,
        events.run_id = last_readings.run_id as is_of_last_run
    from events
    cross join last_readings
    left join entities using (entity)
),

described as (
    select
        * exclude (record_name),
        coalesce(record_name, object || ' for ' || key) as record_name,
        abs({{ money_in_home('wanted_total', 'home_rate') }}) as wanted_home,
        coalesce(' over ' || wanted_total || ' ' || document_currency, '') as over_total
    from states
),

rejected as (
    select
        *,
        'rejected_write' as type,
        coalesce(code, 'no_code') as root_cause,
        wanted_home as amount_home,
        case when object in ('Invoice', 'Customer') then 'high' else 'medium' end as severity,
        case
            when list_contains({{ text_list(codes_of_the_accountant) }}, code) then 'accountant'
            when list_contains({{ text_list(codes_of_the_system_owner) }}, code)
                then 'system_owner'
            else 'billing_clerk'
        end as owner_role,
        target_system || ' refused ' || record_name || over_total
        || coalesce(' (' || code || ')', '') || coalesce(': ' || reason, '.') as message
    from described
    where state = 'refused'
),

rejected_with_remedies as (
    select
        *,
        case owner_role
            when 'accountant'
                then
                    'Mend in the books what it names: open the period, or bring date, account,'
                    || ' tax or item in order. It is tried again once that, or what is to be'
                    || ' written, has changed.'
            when 'system_owner'
                then
                    'Give the user of the connection the right, or the company the feature, that it'
                    || ' names. It is tried again once what is to be written has changed.'
            else
                'Mend the record in the CRM or in the books that it names. It is tried again once'
                || ' what is to be written has changed.'
        end as remedy
    from rejected
),

-- Once the CRM was read again the gates say what is missing, so only the last run's are told.
changed as (
    select
        *,
        'changed_since_evaluation' as type,
        'changed_before_sending' as root_cause,
        wanted_home as amount_home,
        'medium' as severity,
        'billing_clerk' as owner_role,
        record_name || over_total || ' was not sent: ' || coalesce(reason, 'it was changed')
        || '.' as message,
        'Nothing need be done if the change was meant: the next run looks at the deal as it is now.'
        || ' What was approved before the change must be approved again.' as remedy
    from described
    where state = 'withdrawn' and is_changed and is_of_last_run
),

in_doubt as (
    select
        *,
        'delivery_in_doubt' as type,
        'no_answer' as root_cause,
        wanted_home as amount_home,
        'high' as severity,
        'billing_clerk' as owner_role,
        record_name || over_total || ' was sent to ' || target_system || ' at '
        || strftime(timezone('UTC', happened_at), '%Y-%m-%d %H:%M')
        || ' UTC, and nothing tells what became of it' || coalesce(': ' || reason, '')
        || '.' as message,
        case operation
            when 'send'
                then
                    'Look in QuickBooks whether the invoice was e-mailed; if not, send it from'
                    || ' there. It is never e-mailed a second time from here.'
            when 'update'
                then 'The next run reads the record again, and writes what still differs.'
            else
                'Do not enter it by hand: the next delivery looks it up by "' || marker
                || '" and goes on from what it finds. If deliveries are stopped, start them.'
        end as remedy
    from described
    where state = 'sent' and age > interval {{ doubt_hours_max }} hour
),

-- What the books say now counts; what they do not show was voided or deleted, unless it was only
-- just written.
compared as (
    select
        described.*,
        coalesce(invoices.total_amount, described.total) as total_now
    from described
    left join invoices
        on
            described.object = 'Invoice'
            and described.entity = invoices.entity
            and described.remote_id = invoices.invoice_id
    where
        described.state in ('confirmed', 'adopted')
        and described.total <> described.wanted_total
        and (invoices.invoice_id is not null or described.is_of_last_run)
),

unlike_totals as (
    select
        *,
        'total_mismatch' as type,
        'total_unlike_intent' as root_cause,
        abs({{ money_in_home('(total_now - wanted_total)', 'home_rate') }}) as amount_home,
        'high' as severity,
        'accountant' as owner_role,
        record_name || ' was to be over ' || wanted_total || ' ' || document_currency || ', and '
        || target_system || ' made it ' || total_now || '.' as message,
        'Look at the invoice in QuickBooks, first at the tax that it has worked out. Correct it'
        || ' there, or void it and approve the deal again; nothing is written over from'
        || ' here.' as remedy
    from compared
    where total_now <> wanted_total
),

oddities as (
    {% for rule in ['rejected_with_remedies', 'changed', 'in_doubt', 'unlike_totals'] %}
        select * from {{ rule }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    entity,
    type,
    root_cause,
    target_system as subject_system,
    lower(object) as subject_type,
    coalesce(remote_id, key) as subject_id,
    key as subject_detail,
    cast(amount_home as decimal(18, 2)) as amount_home,
    severity,
    owner_role,
    coalesce(vendor_at, happened_at) as happened_at,
    message,
    remedy
from oddities
