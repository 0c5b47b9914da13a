{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{%- set held_documents = as_it_stands('intermediate', 'int_ledger__documents_unioned') -%}
{%- set held_open_amounts = as_it_stands('finance', 'ar_open_amounts') -%}
{%- set was_built_before = (
    execute and is_incremental()
    and load_relation(held_documents) and load_relation(held_open_amounts)
) %}

with documents as ( -- noqa: ST03
    select * from {{ ref('int_ledger__documents_posted') }}
),

customers as ( -- noqa: ST03
    select * from {{ ref('int_ledger__customers') }}
),

{% if was_built_before %}
    held_documents as (
        select * from {{ held_documents }}
    ),

    -- New, gone or different.
    differing as (
        select
            coalesce(documents.entity, held_documents.entity) as entity,
            coalesce(documents.transaction_type, held_documents.transaction_type)
                as transaction_type,
            coalesce(documents.transaction_id, held_documents.transaction_id) as transaction_id
        from documents
        full join held_documents using (fingerprint)
        where documents.entity is null or held_documents.entity is null
    ),

    changed_payments as (
        select distinct
            entity,
            transaction_id as payment_id
        from differing
        where transaction_type = 'payment'
    ),

    -- As they were, and as they are where that is different.
    links as (
        select
            entity,
            transaction_id as payment_id,
            unnest(linked_transaction_ids) as linked_transaction_id
        from held_documents
        where document_type = 'payment'
        union all
        select
            documents.entity,
            documents.transaction_id as payment_id,
            unnest(documents.linked_transaction_ids) as linked_transaction_id
        from documents
        inner join changed_payments
            on
                documents.entity = changed_payments.entity
                and documents.transaction_id = changed_payments.payment_id
        where documents.document_type = 'payment'
    ),

    -- What a payment can claim rests on all that it links.
    changed_claims as (
        select * from changed_payments
        union
        select
            links.entity,
            links.payment_id
        from links
        inner join differing
            on
                links.entity = differing.entity
                and links.linked_transaction_id = differing.transaction_id
    ),

    -- What is left of a transaction for one payment rests on the claims of all that link it.
    reached_links as (
        select distinct
            links.entity,
            links.linked_transaction_id
        from links
        semi join changed_claims using (entity, payment_id)
    ),

    reached_payments as (
        select * from changed_claims
        union
        select
            links.entity,
            links.payment_id
        from links
        semi join reached_links using (entity, linked_transaction_id)
    ),

    reached_transactions as (
        select
            entity,
            transaction_id
        from differing
        union
        select
            entity,
            payment_id as transaction_id
        from reached_payments
        union
        select
            links.entity,
            links.linked_transaction_id as transaction_id
        from links
        semi join reached_payments using (entity, payment_id)
    ),

    renamed_customers as (
        select distinct
            held_open_amounts.entity,
            held_open_amounts.customer_id
        from {{ held_open_amounts }} as held_open_amounts
        anti join customers using (entity, customer_id, customer_name)
    ),

    reached as (
        select
            documents.entity,
            documents.document_type,
            documents.document_id
        from documents
        semi join reached_transactions using (entity, transaction_id)
        union
        select
            held_documents.entity,
            held_documents.document_type,
            held_documents.document_id
        from held_documents
        semi join reached_transactions using (entity, transaction_id)
        union
        select
            documents.entity,
            documents.document_type,
            documents.document_id
        from documents
        semi join renamed_customers using (entity, customer_id)
    )

    select * from reached
{% else %}
    -- One row without a document means that all is reached.
    everything as (
        select
            cast(null as varchar) as entity,
            cast(null as varchar) as document_type,
            cast(null as varchar) as document_id
    )

    select * from everything
{% endif %}
