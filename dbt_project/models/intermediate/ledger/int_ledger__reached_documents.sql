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
    posted as (
        select
            entity,
            document_type,
            document_id,
            transaction_type,
            transaction_id,
            customer_id,
            linked_transaction_ids,
            {{ document_fingerprint('documents') }} as fingerprint
        from documents
    ),

    held as not materialized (
        select
            entity,
            document_type,
            document_id,
            transaction_type,
            transaction_id,
            customer_id,
            linked_transaction_ids,
            fingerprint
        from {{ held_documents }}
    ),

    -- New, gone, or different and then here twice: as it was and as it is.
    differing as (
        select
            coalesce(posted.entity, held.entity) as entity,
            coalesce(posted.document_type, held.document_type) as document_type,
            coalesce(posted.document_id, held.document_id) as document_id,
            coalesce(posted.transaction_type, held.transaction_type) as transaction_type,
            coalesce(posted.transaction_id, held.transaction_id) as transaction_id,
            coalesce(posted.customer_id, held.customer_id) as customer_id,
            coalesce(posted.linked_transaction_ids, held.linked_transaction_ids)
                as linked_transaction_ids
        from posted
        full join held using (fingerprint)
        where posted.entity is null or held.entity is null
    ),

    changed_payments as (
        select distinct
            entity,
            transaction_id as payment_id
        from differing
        where transaction_type = 'payment'
    ),

    links as (
        select
            entity,
            transaction_id as payment_id,
            unnest(linked_transaction_ids) as linked_transaction_id
        from held
        where document_type = 'payment'
        union all
        select
            entity,
            transaction_id as payment_id,
            unnest(linked_transaction_ids) as linked_transaction_id
        from differing
        where document_type = 'payment'
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

    all_states as not materialized (
        select
            entity,
            document_type,
            document_id,
            transaction_id,
            customer_id
        from held
        union all
        select
            entity,
            document_type,
            document_id,
            transaction_id,
            customer_id
        from differing
    ),

    reached as (
        select
            all_states.entity,
            all_states.document_type,
            all_states.document_id
        from all_states
        semi join reached_transactions using (entity, transaction_id)
        union
        select
            all_states.entity,
            all_states.document_type,
            all_states.document_id
        from all_states
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
