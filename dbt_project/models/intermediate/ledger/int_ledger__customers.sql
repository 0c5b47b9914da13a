with customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

terms as (
    select * from {{ ref('stg_quickbooks__terms') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_posted') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

listed as (
    select
        customers.entity,
        customers.customer_id,
        customers.parent_customer_id,
        customers.customer_name,
        customers.company_name,
        terms.term_name as terms_name,
        coalesce(customers.currency, entities.home_currency) as currency,
        customers.is_active,
        true as is_listed
    from customers
    left join terms using (entity, term_id)
    inner join entities using (entity)
),

only_on_documents as (
    select
        documents.entity,
        documents.customer_id,
        min(documents.customer_name_on_document) as customer_name,
        min(documents.currency) as currency,
        false as is_active,
        false as is_listed
    from documents
    inner join entities using (entity)
    anti join customers using (entity, customer_id)
    group by all
),

unioned as (
    select * from listed
    union all by name
    select * from only_on_documents
)

select
    entity,
    customer_id,
    parent_customer_id,
    coalesce(
        customer_name, case customer_id
            when 'unnamed' then 'No customer named'
            else 'Customer ' || customer_id
        end
    ) as customer_name,
    company_name,
    terms_name,
    currency,
    is_active,
    is_listed
from unioned
