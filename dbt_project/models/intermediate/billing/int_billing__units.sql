with deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

crm_deals as (
    select * from {{ ref('int_crm__deals') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

bill_to_accounts as (
    select * from {{ ref('int_billing__bill_to_accounts') }}
),

customer_accounts as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

rates as (
    select * from {{ ref('int_thread__exchange_rates') }}
    where holds_from_date <= {{ as_of_date() }}
),

-- An instalment that states no amount is worth its quantity at the line's net price.
valued_instalments as (
    select
        instalments.crm_entity,
        instalments.deal_id,
        instalments.deal_line_id,
        instalments.instalment_id,
        instalments.instalment_date,
        instalments.delivery_status,
        instalments.description,
        deal_lines.product_family,
        deal_lines.description as line_description,
        cast(
            coalesce(
                instalments.amount, round(instalments.quantity * deal_lines.unit_price, 2), 0
            ) as decimal(18, 2)
        ) as amount
    from instalments
    inner join deal_lines using (crm_entity, deal_line_id)
),

instalments_of_deals as (
    select
        crm_entity,
        deal_id,
        sum(amount) as amount,
        list(distinct deal_line_id) as deal_line_ids
    from valued_instalments
    group by all
),

whole_lines as (
    select
        deal_lines.*,
        {{ service_period('coalesce(deal_lines.description, \'\')') }} as service_period
    from deal_lines
    anti join valued_instalments using (crm_entity, deal_line_id)
),

whole_lines_of_deals as (
    select
        crm_entity,
        deal_id,
        arg_max(product_family, line_amount order by line_position) as product_family,
        min(coalesce(try_cast(service_period.starts_on as date), service_date))
            as service_from_date,
        max(try_cast(service_period.ends_on as date)) as service_until_date
    from whole_lines
    group by all
),

rests as (
    select
        deals.crm_entity,
        deals.deal_id,
        cast(null as varchar) as deal_line_id,
        cast(null as varchar) as instalment_id,
        cast(null as date) as instalment_date,
        cast(null as varchar) as delivery_status,
        whole_lines_of_deals.product_family,
        whole_lines_of_deals.service_from_date,
        whole_lines_of_deals.service_until_date,
        cast(deals.amount - coalesce(instalments_of_deals.amount, 0) as decimal(18, 2)) as amount
    from deals
    left join whole_lines_of_deals using (crm_entity, deal_id)
    left join instalments_of_deals using (crm_entity, deal_id)
    where whole_lines_of_deals.deal_id is not null or instalments_of_deals.deal_id is null
),

described_instalments as (
    select
        crm_entity,
        deal_id,
        deal_line_id,
        instalment_id,
        instalment_date,
        delivery_status,
        product_family,
        amount,
        {{ service_period("concat_ws(' ', description, line_description)") }} as service_period
    from valued_instalments
),

parts as (
    select * from rests
    union all by name
    select
        * exclude (service_period),
        try_cast(service_period.starts_on as date) as service_from_date,
        try_cast(service_period.ends_on as date) as service_until_date
    from described_instalments
),

account_customers as (
    select
        entity,
        crm_entity,
        crm_account_id,
        case when count(*) = 1 then min(customer_id) end as customer_id,
        count(*) as customers_count
    from customer_accounts
    group by all
),

billed_to as (
    select
        deals.entity,
        deals.crm_system,
        deals.crm_entity,
        deals.deal_id,
        deals.crm_account_id,
        bill_to_accounts.bill_to_account_id,
        account_customers.customer_id,
        coalesce(account_customers.customers_count, 0) as customers_count,
        deals.deal_name,
        crm_deals.deal_type,
        deals.segment,
        deals.region,
        crm_deals.owner_id,
        deals.purchase_order_number,
        coalesce(
            crm_deals.payment_terms,
            accounts.payment_terms,
            '{{ var("billing")["standard_terms"] | replace("'", "''") }}'
        ) as terms_name,
        crm_deals.delivery_status,
        deals.currency,
        deals.home_currency,
        deals.won_date
    from deals
    inner join crm_deals using (crm_entity, deal_id)
    left join bill_to_accounts
        on
            deals.crm_entity = bill_to_accounts.crm_entity
            and deals.crm_account_id = bill_to_accounts.crm_account_id
    left join accounts
        on
            bill_to_accounts.crm_entity = accounts.crm_entity
            and bill_to_accounts.bill_to_account_id = accounts.crm_account_id
    left join account_customers
        on
            deals.entity = account_customers.entity
            and bill_to_accounts.crm_entity = account_customers.crm_entity
            and bill_to_accounts.bill_to_account_id = account_customers.crm_account_id
),

todays_rates as (
    select
        entity,
        currency,
        arg_max(exchange_rate, holds_from_date) as exchange_rate
    from rates
    group by all
)

select
    billed_to.entity,
    billed_to.crm_system || ':' || billed_to.deal_id || ':' || coalesce(parts.instalment_id, '-')
        as billing_key,
    billed_to.crm_system,
    billed_to.crm_entity,
    billed_to.deal_id,
    parts.instalment_id,
    parts.deal_line_id,
    billed_to.crm_account_id,
    billed_to.bill_to_account_id,
    billed_to.customer_id,
    billed_to.customers_count,
    billed_to.deal_name,
    billed_to.deal_type,
    billed_to.segment,
    billed_to.region,
    coalesce(parts.product_family, 'unassigned') as product_family,
    billed_to.owner_id,
    billed_to.purchase_order_number,
    billed_to.terms_name,
    coalesce(parts.delivery_status, billed_to.delivery_status) as delivery_status,
    billed_to.currency,
    billed_to.home_currency,
    coalesce(todays_rates.exchange_rate, 1) as exchange_rate,
    parts.amount,
    {{ money_in_home('parts.amount', 'coalesce(todays_rates.exchange_rate, 1)') }} as amount_home,
    billed_to.won_date,
    parts.instalment_date,
    coalesce(parts.service_from_date, parts.instalment_date) as service_from_date,
    parts.service_until_date
from parts
inner join billed_to using (crm_entity, deal_id)
left join todays_rates using (entity, currency)
