with deals as (
    select * from {{ ref('int_crm__deals') }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

customer_accounts as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

customer_segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

rates as (
    select * from {{ ref('int_thread__exchange_rates') }}
),

realms as (
    select
        min(entity) as first_entity,
        count(*) as realms_count
    from entities
),

account_realms as (
    select
        crm_entity,
        crm_account_id,
        min(entity) as entity,
        count(distinct entity) as realms_count
    from customer_accounts
    group by all
),

placed as (
    select
        deals.*,
        case
            when stated.entity is not null then stated.entity
            when standard.entity is not null then standard.entity
            when account_realms.realms_count = 1 then account_realms.entity
            else realms.first_entity
        end as entity,
        stated.entity is null
        and standard.entity is null
        and coalesce(account_realms.realms_count, 0) <> 1
        and realms.realms_count > 1 as is_entity_guessed
    from deals
    cross join realms
    left join entities as stated on deals.stated_entity = stated.entity
    left join entities as standard
        on standard.entity = '{{ var("default_entity") or "" }}'
    left join account_realms
        on
            deals.crm_entity = account_realms.crm_entity
            and deals.crm_account_id = account_realms.crm_account_id
),

account_customers as (
    select
        crm_entity,
        crm_account_id,
        entity,
        arg_min(customer_id, {{ document_order('customer_id') }}) as customer_id
    from customer_accounts
    group by all
),

leading_products as (
    select
        crm_entity,
        deal_id,
        arg_max(product_name, line_amount order by line_position) as product
    from deal_lines
    group by all
),

described as (
    select
        placed.*,
        account_customers.customer_id,
        entities.home_currency,
        coalesce(placed.currency, entities.home_currency) as deal_currency,
        case
            when placed.is_won and placed.close_date <= {{ as_of_date() }} then placed.close_date
        end as won_date,
        coalesce(
            nullif(nullif(trim(accounts.segment), ''), 'all'),
            customer_segments.segment,
            'unassigned'
        ) as segment,
        coalesce(accounts.region, 'unassigned') as region,
        coalesce(leading_products.product, 'unassigned') as product,
        coalesce(placed.owner_name, 'unassigned') as rep
    from placed
    inner join entities using (entity)
    left join accounts
        on
            placed.crm_entity = accounts.crm_entity
            and placed.crm_account_id = accounts.crm_account_id
    left join account_customers
        on
            placed.crm_entity = account_customers.crm_entity
            and placed.crm_account_id = account_customers.crm_account_id
            and placed.entity = account_customers.entity
    left join customer_segments
        on
            account_customers.entity = customer_segments.entity
            and account_customers.customer_id = customer_segments.customer_id
    left join leading_products
        on
            placed.crm_entity = leading_products.crm_entity
            and placed.deal_id = leading_products.deal_id
)

select
    described.entity,
    described.crm_system,
    described.crm_entity,
    described.deal_id,
    described.crm_account_id,
    described.customer_id,
    described.deal_name,
    described.stage,
    described.deal_type,
    described.segment,
    described.region,
    described.product,
    described.rep,
    coalesce(described.lead_source, 'unassigned') as lead_source,
    described.purchase_order_number,
    described.quickbooks_invoice_ids,
    described.quickbooks_invoice_numbers,
    described.quickbooks_estimate_ids,
    described.billing_status,
    described.closed_for_billing,
    described.deal_currency as currency,
    described.home_currency,
    coalesce(rates.exchange_rate, 1) as booked_rate,
    rates.exchange_rate is not null as has_rate,
    coalesce(described.amount, 0) as amount,
    described.amount is not null as has_amount,
    described.probability_percent,
    described.is_won,
    described.is_open,
    described.is_deleted,
    described.has_lines,
    described.has_active_owner,
    described.is_entity_guessed,
    described.close_date,
    described.won_date,
    described.billing_closed_date,
    described.created_at
from described
asof left join rates
    on
        described.entity = rates.entity
        and described.deal_currency = rates.currency
        and described.close_date >= rates.holds_from_date
