with customers as (
    select * from {{ ref('int_ledger__customers') }}
),

open_items as (
    select * from {{ ref('ar_open_items') }}
    where as_of_date = {{ as_of_date() }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where txn_date <= {{ as_of_date() }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where effective_date <= {{ as_of_date() }}
),

links as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

deals as (
    select * from {{ ref('int_crm__deals') }}
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
        max(days_past_due) filter (where is_overdue) as oldest_days_past_due
    from own_currency_items
    group by all
),

last_payments as (
    select
        entity,
        customer_id,
        max(txn_date) as last_payment_date
    from documents
    where document_type = 'payment' and total <> 0
    group by all
),

sales as (
    select
        entity,
        customer_id,
        sum({{ money_in_home('total', 'exchange_rate') }}) as sales_last_12_months_home
    from documents
    where
        document_type in ('invoice', 'credit_memo')
        and txn_date > {{ as_of_date() }} - interval 12 months
    group by all
),

payment_behaviour as (
    select
        documents.entity,
        documents.customer_id,
        cast(
            sum(
                (applications.effective_date - documents.txn_date) * applications.applied_amount
            ) / sum(applications.applied_amount) as decimal(18, 1)
        ) as days_to_pay
    from applications
    inner join documents
        on
            applications.entity = documents.entity
            and applications.target_document_type = documents.document_type
            and applications.target_document_id = documents.document_id
    where documents.document_type = 'invoice'
    group by all
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
        accounts.owner_name as crm_owner_name,
        accounts.segment,
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
        last_payments.last_payment_date,
        payment_behaviour.days_to_pay,
        coalesce(sales.sales_last_12_months_home, 0) as sales_last_12_months_home,
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
    left join balances using (entity, customer_id)
    left join last_payments using (entity, customer_id)
    left join payment_behaviour using (entity, customer_id)
    left join sales using (entity, customer_id)
    left join links using (entity, customer_id)
    left join accounts
        on links.crm_entity = accounts.crm_entity and links.crm_account_id = accounts.crm_account_id
    left join account_deals
        on
            links.crm_entity = account_deals.crm_entity
            and links.crm_account_id = account_deals.crm_account_id
)

select
    entity,
    customer_id,
    customer_name,
    parent_customer_id,
    crm_account_id,
    crm_link_kind,
    crm_owner_name,
    segment,
    terms_name,
    currency,
    cast(open_balance as decimal(18, 2)) as open_balance,
    cast(open_balance_home as decimal(18, 2)) as open_balance_home,
    cast(overdue_balance as decimal(18, 2)) as overdue_balance,
    case
        when
            oldest_days_past_due > {{ var('hold_after_days') }}
            or coalesce(account_balance_home > credit_limit_home, false)
            then 'hold'
        when oldest_days_past_due > 0 then 'watch'
        else 'good'
    end as standing,
    cast(oldest_days_past_due as integer) as oldest_days_past_due,
    credit_limit_home,
    cast(credit_limit_home - account_balance_home as decimal(18, 2)) as credit_remaining_home,
    cast(sales_last_12_months_home as decimal(18, 2)) as sales_last_12_months_home,
    last_payment_date,
    days_to_pay,
    cast(open_deals_count as integer) as open_deals_count,
    cast(won_deals_count as integer) as won_deals_count,
    deals_currency,
    cast(open_deals_amount as decimal(18, 2)) as open_deals_amount,
    cast(won_deals_amount as decimal(18, 2)) as won_deals_amount,
    is_active,
    {{ as_of_date() }} as as_of_date
from described
order by entity, customer_id
