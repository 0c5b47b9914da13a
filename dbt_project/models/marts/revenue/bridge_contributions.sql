with contributions as (
    {% for section in ['pipeline_to_bookings', 'bookings_to_billings', 'billings_to_cash'] %}
        select
            entity,
            month,
            section,
            category,
            deal_id,
            document_type,
            document_id,
            customer_id,
            amount_home,
            amount,
            currency
        from {{ ref('int_bridge__' ~ section) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

categories as (
    select * from {{ ref('int_bridge__categories') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

customer_segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

customer_accounts as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

customers as (
    select
        customer_segments.entity,
        customer_segments.customer_id,
        customer_segments.segment,
        accounts.region,
        accounts.owner_name as rep
    from customer_segments
    left join customer_accounts using (entity, customer_id)
    left join accounts
        on
            customer_accounts.crm_entity = accounts.crm_entity
            and customer_accounts.crm_account_id = accounts.crm_account_id
)

-- What has a deal is broken down as the deal is; what has none, as its customer.
select
    contributions.entity,
    contributions.month,
    contributions.section,
    contributions.category,
    categories.rollup,
    contributions.deal_id,
    deals.deal_name,
    contributions.document_type,
    contributions.document_id,
    documents.document_number,
    coalesce(contributions.customer_id, deals.customer_id) as customer_id,
    coalesce(deals.segment, customers.segment, 'unassigned') as segment,
    coalesce(deals.region, customers.region, 'unassigned') as region,
    coalesce(deals.product, 'unassigned') as product,
    coalesce(deals.rep, customers.rep, 'unassigned') as rep,
    coalesce(deals.lead_source, 'unassigned') as lead_source,
    contributions.amount_home,
    contributions.amount,
    contributions.currency
from contributions
inner join categories using (section, category)
left join deals using (entity, deal_id)
left join documents using (entity, document_type, document_id)
left join customers
    on
        contributions.entity = customers.entity
        and contributions.customer_id = customers.customer_id
