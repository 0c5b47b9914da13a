{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached() }}",
) }}

with documents as (
    select * from {{ reached_part(ref('int_ledger__documents_unioned')) }}
),

open_amounts as (
    select * from {{ reached_part(ref('int_ledger__open_amounts')) }}
    where open_amount <> 0
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
)

select
    documents.entity,
    documents.document_type,
    documents.document_id,
    documents.document_number,
    documents.customer_id,
    customers.customer_name,
    documents.txn_date,
    documents.due_date,
    documents.currency,
    documents.exchange_rate,
    documents.total,
    open_amounts.open_amount,
    {{ money_in_home('open_amounts.open_amount', 'documents.exchange_rate') }} as open_amount_home,
    open_amounts.application_count,
    open_amounts.holds_from_date,
    open_amounts.holds_until_date
from open_amounts
inner join documents using (entity, document_type, document_id)
left join customers using (entity, customer_id)
