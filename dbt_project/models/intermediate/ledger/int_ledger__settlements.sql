{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached() }}",
) }}

with applications as not materialized (
    select * from {{ ref('int_ledger__applications') }}
),

both_sides as (
    select
        entity,
        target_document_type as document_type,
        target_document_id as document_id,
        -applied_amount as relief,
        effective_date
    from applications
    union all by name
    select
        entity,
        source_document_type as document_type,
        source_document_id as document_id,
        applied_amount as relief,
        effective_date
    from applications
    where source_document_type <> 'invoice_deposit'
)

select
    entity,
    document_type,
    document_id,
    cast(sum(relief) as decimal(18, 2)) as relief,
    count(*) as application_count,
    effective_date
from both_sides
{{ reached_only() }}
group by all
