{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

with changed as ( -- noqa: ST03
    select * from {{ ref('int_ledger__documents_changed') }}
),

customers as ( -- noqa: ST03
    select * from {{ ref('int_ledger__customers') }}
),

{% if is_incremental() and ledger_was_built() %}
    held as not materialized (
        select * from {{ held_documents() }}
    ),

    named_links as (
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
        from changed
        where document_type = 'payment'
    ),

    -- Numbers are found sooner than names. If two names had one number, more would be reached.
    links as (
        select
            hash(entity, payment_id) as payment_key,
            hash(entity, linked_transaction_id) as transaction_key
        from named_links
    ),

    held_open_amounts as not materialized (
        select * from {{ held_open_amounts() }}
    ),

    renamed_customers as (
        select distinct
            held_open_amounts.entity,
            held_open_amounts.customer_id
        from held_open_amounts
        anti join customers using (entity, customer_id, customer_name)
    ),

    renamed_documents as (
        select
            held.entity,
            held.document_type,
            held.document_id,
            held.transaction_id
        from held
        semi join renamed_customers using (entity, customer_id)
    ),

    changed_transactions as (
        select
            hash(entity, transaction_id) as transaction_key,
            document_type
        from changed
    ),

    -- What a payment can claim rests on all that it links.
    changed_claims as (
        select transaction_key as payment_key
        from changed_transactions
        where document_type = 'payment'
        union
        select links.payment_key
        from links
        semi join changed_transactions using (transaction_key)
    ),

    -- What is left of a transaction for one payment rests on the claims of all that link it.
    reached_links as (
        select distinct links.transaction_key
        from links
        semi join changed_claims using (payment_key)
    ),

    reached_payments as (
        select payment_key from changed_claims
        union
        select links.payment_key
        from links
        semi join reached_links using (transaction_key)
        union
        select hash(entity, transaction_id) as payment_key
        from renamed_documents
        where document_type = 'payment'
    ),

    claimed_transactions as (
        select distinct links.transaction_key
        from links
        semi join reached_payments using (payment_key)
    ),

    -- To share out what those have, all payments that link them are read, with all they link.
    sharing_payments as (
        select distinct links.payment_key
        from links
        semi join claimed_transactions using (transaction_key)
    ),

    transactions as (
        select
            transaction_key,
            true as is_reached
        from changed_transactions
        union all
        select
            payment_key as transaction_key,
            true as is_reached
        from reached_payments
        union all
        select
            transaction_key,
            true as is_reached
        from claimed_transactions
        union all
        select
            payment_key as transaction_key,
            false as is_reached
        from sharing_payments
        union all
        select
            links.transaction_key,
            false as is_reached
        from links
        semi join sharing_payments using (payment_key)
    ),

    listed_transactions as (
        select
            transaction_key,
            bool_or(is_reached) as is_reached
        from transactions
        group by all
    ),

    all_states as not materialized (
        select
            entity,
            document_type,
            document_id,
            hash(entity, transaction_id) as transaction_key
        from held
        union all
        select
            entity,
            document_type,
            document_id,
            hash(entity, transaction_id) as transaction_key
        from changed
    ),

    documents as (
        select
            all_states.entity,
            all_states.document_type,
            all_states.document_id,
            listed_transactions.is_reached
        from all_states
        inner join listed_transactions using (transaction_key)
        union all
        select
            entity,
            document_type,
            document_id,
            true as is_reached
        from renamed_documents
    )

    select
        entity,
        document_type,
        document_id,
        bool_or(is_reached) as is_reached
    from documents
    group by all
{% else %}
    -- One row without a document means that all is reached.
    everything as (
        select
            cast(null as varchar) as entity,
            cast(null as varchar) as document_type,
            cast(null as varchar) as document_id,
            true as is_reached
    )

    select * from everything
{% endif %}
