{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached(listed=ref('int_ledger__documents_changed')) }}",
) }}
-- depends_on: {{ ref('int_ledger__documents_changed') }}
-- depends_on: {{ ref('int_ledger__reached_documents') }}

with documents as (
    {% if keeps_unreached() %}
        select * exclude (fingerprint, is_posted) from {{ ref('int_ledger__documents_changed') }}
        where is_posted
    {% else %}
        select * from {{ ref('int_ledger__documents_posted') }}
    {% endif %}
)

select
    * exclude (line_id, version_key, parent_customer_id), -- noqa: AM04
    {{ document_order('transaction_id', 'line_id') }} as document_order,
    {{ document_fingerprint('documents') }} as fingerprint
from documents
