with customers as (
    select * from {{ ref('customers') }}
),

links as (
    select * from {{ ref('int_matching__customer_accounts') }}
    where crm_system = 'salesforce'
),

open_items as (
    select * from {{ ref('ar_open_items') }}
    where as_of_date = {{ as_of_date() }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
    where crm_system = 'salesforce'
),

units as (
    select * from {{ ref('int_billing__units') }}
),

written_invoices as (
    select * from {{ ref('int_billing__written_invoices') }}
    where state = 'live'
),

overdue_home as (
    select
        entity,
        customer_id,
        sum(open_amount_home) as overdue_home
    from open_items
    where open_amount > 0 and days_past_due > 0
    group by all
),

-- Customers of one account in several currencies have a common figure in the home currency alone,
-- and those of companies with several home currencies have none.
standings as (
    select
        links.crm_entity,
        links.crm_account_id,
        case
            when bool_or(customers.standing = 'hold') then 'hold'
            when bool_or(customers.standing = 'watch') then 'watch'
            else 'good'
        end as receivables_standing,
        count(distinct customers.currency) = 1 as is_one_currency,
        count(distinct entities.home_currency) = 1 as is_one_home_currency,
        any_value(customers.currency) as currency,
        any_value(entities.home_currency) as home_currency,
        sum(customers.open_balance) as balance,
        sum(customers.open_balance_home) as balance_home,
        sum(customers.overdue_balance) as overdue,
        coalesce(sum(overdue_home.overdue_home), 0) as overdue_home
    from links
    inner join customers using (entity, customer_id)
    inner join entities using (entity)
    left join overdue_home using (entity, customer_id)
    group by links.crm_entity, links.crm_account_id
),

-- A name in common is a guess; what we wrote is known.
known_customers as (
    select
        crm_entity,
        crm_account_id,
        min(customer_id) as customer_id
    from (
        select
            crm_entity,
            crm_account_id,
            customer_id
        from links
        where link_kind = 'marker'
        union
        select
            units.crm_entity,
            units.bill_to_account_id as crm_account_id,
            units.customer_id
        from written_invoices
        inner join units using (entity, billing_key)
        where written_invoices.customer_id = units.customer_id
    ) as known
    group by all
    having count(*) = 1
),

wished as (
    select
        standings.crm_entity,
        standings.crm_account_id,
        accounts.account_name,
        standings.receivables_standing,
        coalesce(accounts.quickbooks_customer_id, known_customers.customer_id)
            as quickbooks_customer_id,
        case
            when standings.is_one_currency then standings.currency
            when standings.is_one_home_currency then standings.home_currency
            else accounts.receivables_currency
        end as receivables_currency,
        cast(
            case
                when standings.is_one_currency then standings.balance
                when standings.is_one_home_currency then standings.balance_home
                else accounts.receivables_balance
            end as decimal(18, 2)
        ) as receivables_balance,
        cast(
            case
                when standings.is_one_currency then standings.overdue
                when standings.is_one_home_currency then standings.overdue_home
                else accounts.receivables_overdue
            end as decimal(18, 2)
        ) as receivables_overdue
    from standings
    inner join accounts using (crm_entity, crm_account_id)
    left join known_customers using (crm_entity, crm_account_id)
),

compared as (
    select
        wished.*,
        accounts.custom_fields,
        accounts.extracted_at,
        {{ differing_fields('account', 'accounts', {
            'quickbooks_customer_id': (
                'wished.quickbooks_customer_id', json_text('wished.quickbooks_customer_id')
            ),
            'receivables_standing': (
                'wished.receivables_standing', json_text('wished.receivables_standing')
            ),
            'receivables_balance': (
                'wished.receivables_balance', 'cast(wished.receivables_balance as varchar)'
            ),
            'receivables_overdue': (
                'wished.receivables_overdue', 'cast(wished.receivables_overdue as varchar)'
            ),
            'receivables_currency': (
                'wished.receivables_currency', json_text('wished.receivables_currency')
            ),
        }) }} as payload
    from wished
    inner join accounts using (crm_entity, crm_account_id)
),

-- The date says how old the figures are; alone it says nothing, so it makes no row.
dated as (
    select
        * replace (
            {%- if var('crm_fields')['account']['receivables_as_of'] %}
                if(
                    list_contains(custom_fields, 'receivables_as_of'),
                    left(payload, -1)
                    || ',"{{ crm_field('account', 'receivables_as_of') }}":"'
                    || {{ as_of_date() }} || '"}',
                    payload
                ) as payload
            {%- else %}
                payload as payload
            {%- endif %}
        )
    from compared
    where payload <> '{}'
),

wanted as (
    select
        'salesforce' as system,
        dated.crm_entity as entity,
        'Account' as object,
        'update' as operation,
        dated.crm_account_id as key,
        dated.crm_account_id as marker,
        1 as generation,
        dated.payload,
        cast(null as varchar) as content_fingerprint,
        cast(null as varchar) as preconditions_hash,
        cast(null as varchar) as depends_on,
        dated.crm_account_id as remote_id,
        cast(null as varchar) as evaluated,
        cast(null as decimal(18, 2)) as total_amount,
        dated.account_name || ' does not show yet how it stands with receivables: '
        || dated.receivables_standing || '.' as reason,
        dated.extracted_at as due_at,
        dated.extracted_at as evaluated_at
    from dated
)

{{ outbox_rows('wanted') }}
