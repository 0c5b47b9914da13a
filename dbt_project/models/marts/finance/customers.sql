{%- set month_end = "last_day(" ~ as_of_date() ~ " + 1 - interval 1 month)" -%}
{%- set dso_months = var('dso_months') -%}
{%- set effectiveness_months = var('collection_effectiveness_months') -%}

with customers as (
    select * from {{ ref('int_ledger__customers') }}
),

open_items as (
    select * from {{ ref('ar_open_items') }}
    where as_of_date = {{ as_of_date() }}
),

collections as (
    select * from {{ ref('collections') }}
    where month_end <= {{ month_end }}
),

behaviour as (
    select * from {{ ref('int_collection__payment_behaviour') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

families as (
    select * from {{ ref('int_collection__customer_families') }}
),

links as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

deals as (
    select * from {{ ref('int_crm__deals') }}
    where not is_deleted
),

own_currency_items as (
    select
        open_items.entity,
        open_items.customer_id,
        open_items.open_amount_home,
        open_items.days_past_due,
        open_items.open_amount > 0 and open_items.days_past_due > 0 as is_overdue,
        case when open_items.currency = customers.currency then open_items.open_amount end
            as open_amount
    from open_items
    inner join customers using (entity, customer_id)
),

balances as (
    select
        entity,
        customer_id,
        sum(open_amount) as open_balance,
        sum(open_amount_home) as open_balance_home,
        sum(open_amount) filter (where is_overdue) as overdue_balance,
        sum(open_amount_home) filter (where is_overdue) as overdue_balance_home,
        max(days_past_due) filter (where is_overdue) as oldest_days_past_due
    from own_currency_items
    group by all
),

family_balances as (
    select
        families.entity,
        families.customer_id,
        count(*) as customers_count,
        sum(balances.open_balance_home) as open_balance_home,
        sum(balances.overdue_balance_home) as overdue_balance_home,
        max(balances.oldest_days_past_due) as oldest_days_past_due
    from families
    left join balances
        on
            families.entity = balances.entity
            and families.member_customer_id = balances.customer_id
    group by all
),

last_month as (
    select
        entity,
        customer_id,
        {{ month_end }} as month_end,
        {% for amount in ['ar_home', 'ar_not_due_home'] %}
            cast(
                coalesce(sum({{ amount }}) filter (where month_end = {{ month_end }}), 0)
                as decimal(18, 2)
            ) as {{ amount }},
        {% endfor %}
        coalesce(sum(ar_home) filter (
            where month_end = last_day({{ month_end }} - interval {{ effectiveness_months }} month)
        ), 0) as opening_ar_home,
        coalesce(sum(sales_home) filter (
            where month_end > last_day({{ month_end }} - interval {{ effectiveness_months }} month)
        ), 0) as collection_sales_home,
        coalesce(sum(sales_home) filter (
            where month_end > last_day({{ month_end }} - interval {{ dso_months }} month)
        ), 0) as period_sales_home
    from collections
    group by all
),

countback as (
    {{ dso_countback('last_month', 'collections', ['entity', 'customer_id']) }}
),

outstanding as (
    select
        last_month.*,
        case when last_month.ar_home = 0 then 0 else countback.dso_countback end as dso_countback,
        last_day(last_month.month_end - interval {{ dso_months }} month) + 1 as period_start,
        cast(last_month.period_sales_home as decimal(18, 2)) as sales_home,
        {{ collection_effectiveness(
            'last_month.opening_ar_home', 'last_month.collection_sales_home',
            effectiveness_months, 'last_month.ar_home', 'last_month.ar_not_due_home'
        ) }} as collection_effectiveness
    from last_month
    left join countback using (entity, customer_id)
),

account_deals as (
    select
        crm_entity,
        crm_account_id,
        count(*) filter (where is_open) as open_deals_count,
        count(*) filter (where is_won) as won_deals_count,
        min(currency) as deals_currency,
        sum(amount) filter (where is_open) as open_deals_amount,
        sum(amount) filter (where is_won) as won_deals_amount,
        count(distinct coalesce(currency, '')) = 1 as is_one_currency
    from deals
    group by crm_entity, crm_account_id
),

described as (
    select
        customers.entity,
        customers.customer_id,
        customers.customer_name,
        customers.parent_customer_id,
        links.crm_account_id,
        links.link_kind as crm_link_kind,
        accounts.parent_crm_account_id,
        accounts.owner_name as crm_owner_name,
        segments.segment,
        customers.terms_name,
        customers.currency,
        coalesce(balances.open_balance, 0) as open_balance,
        coalesce(balances.open_balance_home, 0) as open_balance_home,
        coalesce(balances.overdue_balance, 0) as overdue_balance,
        coalesce(balances.oldest_days_past_due, 0) as oldest_days_past_due,
        accounts.credit_limit_home,
        case
            when links.crm_account_id is null then coalesce(balances.open_balance_home, 0)
            else sum(coalesce(balances.open_balance_home, 0)) over (
                partition by customers.entity, links.crm_entity, links.crm_account_id
            )
        end as account_balance_home,
        family_balances.customers_count as family_customers_count,
        coalesce(family_balances.open_balance_home, 0) as family_open_balance_home,
        coalesce(family_balances.overdue_balance_home, 0) as family_overdue_balance_home,
        coalesce(family_balances.oldest_days_past_due, 0) as family_oldest_days_past_due,
        behaviour.last_payment_date,
        behaviour.days_to_pay,
        behaviour.median_days_to_pay,
        behaviour.collected_within_terms,
        behaviour.collected_within_terms_by_count,
        coalesce(behaviour.sales_last_12_months_home, 0) as sales_last_12_months_home,
        coalesce(outstanding.period_start < behaviour.first_document_date, false) as is_too_early,
        case
            when outstanding.period_start >= behaviour.first_document_date
                then outstanding.sales_home
        end as dso_sales_home,
        outstanding.month_end - outstanding.period_start + 1 as days_in_period,
        outstanding.ar_home,
        outstanding.ar_not_due_home,
        outstanding.dso_countback,
        outstanding.collection_effectiveness,
        coalesce(account_deals.open_deals_count, 0) as open_deals_count,
        coalesce(account_deals.won_deals_count, 0) as won_deals_count,
        case when account_deals.is_one_currency then account_deals.deals_currency end
            as deals_currency,
        case when account_deals.is_one_currency then account_deals.open_deals_amount end
            as open_deals_amount,
        case when account_deals.is_one_currency then account_deals.won_deals_amount end
            as won_deals_amount,
        coalesce(customers.is_active, true) as is_active
    from customers
    inner join segments using (entity, customer_id)
    inner join family_balances using (entity, customer_id)
    left join balances using (entity, customer_id)
    left join behaviour using (entity, customer_id)
    left join outstanding using (entity, customer_id)
    left join links using (entity, customer_id)
    left join accounts
        on links.crm_entity = accounts.crm_entity and links.crm_account_id = accounts.crm_account_id
    left join account_deals
        on
            links.crm_entity = account_deals.crm_entity
            and links.crm_account_id = account_deals.crm_account_id
),

measured as (
    select
        *,
        {{ days_of_sales('ar_home', 'dso_sales_home', 'days_in_period') }} as dso_standard,
        {{ days_of_sales('ar_not_due_home', 'dso_sales_home', 'days_in_period') }}
            as dso_best_possible
    from described
)

select
    entity,
    customer_id,
    customer_name,
    parent_customer_id,
    crm_account_id,
    crm_link_kind,
    parent_crm_account_id,
    crm_owner_name,
    segment,
    terms_name,
    currency,
    cast(open_balance as decimal(18, 2)) as open_balance,
    cast(open_balance_home as decimal(18, 2)) as open_balance_home,
    cast(overdue_balance as decimal(18, 2)) as overdue_balance,
    {{ standing('oldest_days_past_due', 'account_balance_home') }} as standing,
    cast(oldest_days_past_due as integer) as oldest_days_past_due,
    credit_limit_home,
    cast(credit_limit_home - account_balance_home as decimal(18, 2)) as credit_remaining_home,
    cast(family_customers_count as integer) as family_customers_count,
    cast(family_open_balance_home as decimal(18, 2)) as family_open_balance_home,
    cast(family_overdue_balance_home as decimal(18, 2)) as family_overdue_balance_home,
    cast(family_oldest_days_past_due as integer) as family_oldest_days_past_due,
    {{ standing('family_oldest_days_past_due', 'family_open_balance_home') }} as family_standing,
    cast(credit_limit_home - family_open_balance_home as decimal(18, 2))
        as family_credit_remaining_home,
    cast(sales_last_12_months_home as decimal(18, 2)) as sales_last_12_months_home,
    last_payment_date,
    cast(days_to_pay as decimal(18, 1)) as days_to_pay,
    cast(median_days_to_pay as decimal(18, 1)) as median_days_to_pay,
    collected_within_terms,
    collected_within_terms_by_count,
    cast({{ month_end }} as date) as dso_month_end,
    dso_standard,
    dso_countback,
    dso_best_possible,
    dso_standard - dso_best_possible as average_days_delinquent,
    collection_effectiveness,
    {{ reason({
        'is_too_early': 'the period starts before the first document',
        'dso_standard is null': 'no sales in the period',
    }) }} as dso_reason,
    cast(open_deals_count as integer) as open_deals_count,
    cast(won_deals_count as integer) as won_deals_count,
    deals_currency,
    cast(open_deals_amount as decimal(18, 2)) as open_deals_amount,
    cast(won_deals_amount as decimal(18, 2)) as won_deals_amount,
    is_active,
    {{ as_of_date() }} as as_of_date
from measured
