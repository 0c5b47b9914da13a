{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached() }}",
) }}

with documents as (
    select * from {{ reached_part(ref('int_ledger__documents_unioned')) }}
),

settlements_of_targets as (
    select * from {{ reached_part(ref('int_ledger__applications'), 'target_') }}
),

settlements_by_sources as (
    select * from {{ reached_part(ref('int_ledger__applications'), 'source_') }}
    where source_document_type <> 'invoice_deposit'
),

movements as (
    select
        entity,
        document_type,
        document_id,
        total as movement,
        0 as application_count,
        txn_date as movement_date
    from documents
    union all by name
    select
        entity,
        target_document_type as document_type,
        target_document_id as document_id,
        -applied_amount as movement,
        1 as application_count,
        effective_date as movement_date
    from settlements_of_targets
    union all by name
    select
        entity,
        source_document_type as document_type,
        source_document_id as document_id,
        applied_amount as movement,
        1 as application_count,
        effective_date as movement_date
    from settlements_by_sources
),

daily_movements as (
    select
        entity,
        document_type,
        document_id,
        sum(movement) as movement,
        sum(application_count) as application_count,
        movement_date
    from movements
    group by all
)

select
    entity,
    document_type,
    document_id,
    cast(sum(movement) over so_far as decimal(18, 2)) as open_amount,
    cast(sum(application_count) over so_far as integer) as application_count,
    movement_date as holds_from_date,
    lead(movement_date, 1, date '9999-12-31') over so_far as holds_until_date
from daily_movements
window so_far as (
    partition by entity, document_type, document_id
    order by movement_date
    rows between unbounded preceding and current row
)
