{{ config(materialized='view') }}

with purchase_lines as (
    select * from {{ ref('stg_quickbooks__purchase_lines') }}
),

receivable_accounts as (
    select * from {{ ref('int_ledger__receivable_accounts') }}
)

select
    purchase_lines.entity,
    case
        when purchase_lines.is_credit then 'credit_card_credit'
        when purchase_lines.payment_type = 'Check' then 'check'
        else 'expense'
    end as document_type,
    {{ posting_id('purchase_lines.purchase_id', 'purchase_lines.line_id') }} as document_id,
    'purchase' as transaction_type,
    purchase_lines.purchase_id as transaction_id,
    purchase_lines.line_id,
    purchase_lines.document_number,
    case
        when purchase_lines.customer_id is not null then purchase_lines.customer_id
        when lower(coalesce(purchase_lines.party_type, 'customer')) = 'customer'
            then purchase_lines.party_id
    end as customer_id,
    coalesce(purchase_lines.customer_name, purchase_lines.party_name) as customer_name,
    purchase_lines.currency,
    purchase_lines.exchange_rate,
    case
        when purchase_lines.is_credit then -purchase_lines.amount
        else purchase_lines.amount
    end as total,
    cast(0 as decimal(18, 2)) as deposit_amount,
    purchase_lines.txn_date,
    purchase_lines.txn_date as due_date
from purchase_lines
inner join receivable_accounts using (entity, account_id)
