with lines as (
    select
        * exclude (lines),
        unnest(lines) as line,
        generate_subscripts(lines, 1) as line_position
    from {{ ref('stg_quickbooks__purchases') }}
)

select
    entity,
    purchase_id,
    coalesce(line.id, cast(line_position as varchar)) as line_id,
    line.accountbasedexpenselinedetail.accountref.value as account_id,
    line.accountbasedexpenselinedetail.customerref.value as customer_id,
    party_id,
    line.accountbasedexpenselinedetail.customerref.name as customer_name,
    party_type,
    party_name,
    payment_type,
    document_number,
    currency,
    exchange_rate,
    line.amount,
    is_credit,
    txn_date,
    extracted_at
from lines
