with documents as (
    select * from {{ ref('int_ledger__documents_posted') }}
),

posted as (
    select
        *,
        {{ document_fingerprint('documents') }} as fingerprint
    from documents
),

{% if ledger_was_built() %}
    held as not materialized (
        select
            *,
            rowid as place
        from {{ held_documents() }}
    ),

    places as not materialized (
        select
            fingerprint,
            place
        from held
    ),

    -- New, gone, or different and then here twice: as it was and as it is.
    unmatched as (
        select
            posted.*,
            places.place
        from posted
        full join places using (fingerprint)
        where posted.entity is null or places.place is null
    ),

    changed as (
        select
            * exclude (place),
            true as is_posted
        from unmatched
        where place is null
        union all by name
        select
            held.entity,
            held.document_type,
            held.document_id,
            held.transaction_type,
            held.transaction_id,
            held.linked_transaction_ids,
            false as is_posted
        from held
        semi join unmatched using (place)
    )
{% else %}
    changed as (
        select
            *,
            true as is_posted
        from posted
        where false
    )
{% endif %}

select * from changed -- noqa: AM04
