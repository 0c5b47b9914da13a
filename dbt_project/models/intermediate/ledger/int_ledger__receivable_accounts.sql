with accounts as (
    select * from {{ ref('stg_quickbooks__accounts') }}
)

select
    entity,
    account_id,
    account_name,
    currency
from accounts
where account_type = 'Accounts Receivable'
