{{ config(materialized='view') }}

with journal_entry_lines as (
    select * from {{ ref('stg_quickbooks__journal_entry_lines') }}
),

receivable_accounts as (
    select * from {{ ref('int_ledger__receivable_accounts') }}
)

select
    journal_entry_lines.entity,
    'journal_entry' as document_type,
    journal_entry_lines.journal_entry_id || '-' || journal_entry_lines.line_id as document_id,
    'journal_entry' as transaction_type,
    journal_entry_lines.journal_entry_id as transaction_id,
    journal_entry_lines.line_id,
    journal_entry_lines.document_number,
    case
        when lower(coalesce(journal_entry_lines.party_type, 'customer')) = 'customer'
            then journal_entry_lines.party_id
    end as customer_id,
    journal_entry_lines.party_name as customer_name,
    journal_entry_lines.currency,
    journal_entry_lines.exchange_rate,
    case journal_entry_lines.posting_type
        when 'Debit' then journal_entry_lines.amount
        else -journal_entry_lines.amount
    end as total,
    cast(0 as decimal(18, 2)) as deposit_amount,
    journal_entry_lines.txn_date,
    journal_entry_lines.txn_date as due_date
from journal_entry_lines
inner join receivable_accounts using (entity, account_id)
