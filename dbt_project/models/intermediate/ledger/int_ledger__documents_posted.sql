{{ config(materialized='view') }}

with posted as (
    {% for document in [
        'invoices', 'credit_memos', 'payments', 'journal_lines', 'deposit_lines', 'purchase_lines',
    ] %}
        select * from {{ ref('int_ledger__' ~ document ~ '_posted') }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

resolved as (
    select
        posted.entity,
        posted.document_type,
        posted.document_id,
        posted.transaction_type,
        posted.transaction_id,
        -- Books with a posting to receivables that names nobody still have to add up.
        coalesce(posted.customer_id, 'unnamed') as customer_id,
        posted.line_id,
        posted.document_number,
        posted.customer_name as customer_name_on_document,
        coalesce(posted.currency, customers.currency, entities.home_currency) as currency,
        coalesce(posted.exchange_rate, 1) as exchange_rate,
        posted.exchange_rate is not null as has_exchange_rate,
        posted.total,
        posted.deposit_amount,
        posted.txn_date,
        posted.due_date,
        posted.linked_transaction_ids,
        posted.version_key,
        customers.parent_customer_id
    from posted
    left join customers using (entity, customer_id)
    left join entities using (entity)
)

select * from resolved
