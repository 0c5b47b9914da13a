{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached() }}",
) }}
-- depends_on: {{ ref('int_ledger__reached_documents') }}

with documents as (
    select * from {{ ref('int_ledger__documents_posted') }}
    {{ reached_only() }}
)

select * from documents -- noqa: AM04
