{{ config(materialized='view') }}

with deposit_lines as (
    select * from {{ ref('stg_quickbooks__deposit_lines') }}
),

receivable_accounts as (
    select * from {{ ref('int_ledger__receivable_accounts') }}
)

select
    deposit_lines.entity,
    'deposit' as document_type,
    {{ posting_id('deposit_lines.deposit_id', 'deposit_lines.line_id') }} as document_id,
    'deposit' as transaction_type,
    deposit_lines.deposit_id as transaction_id,
    deposit_lines.line_id,
    deposit_lines.document_number,
    case
        when lower(coalesce(deposit_lines.party_type, 'customer')) = 'customer'
            then deposit_lines.party_id
    end as customer_id,
    deposit_lines.party_name as customer_name,
    deposit_lines.currency,
    deposit_lines.exchange_rate,
    -deposit_lines.amount as total,
    cast(0 as decimal(18, 2)) as deposit_amount,
    deposit_lines.txn_date,
    deposit_lines.txn_date as due_date
from deposit_lines
inner join receivable_accounts using (entity, account_id)
