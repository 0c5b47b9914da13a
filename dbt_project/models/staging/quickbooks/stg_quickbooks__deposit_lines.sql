with lines as (
    select
        * exclude (lines),
        unnest(lines) as line,
        generate_subscripts(lines, 1) as line_position
    from {{ ref('stg_quickbooks__deposits') }}
)

select
    entity,
    deposit_id,
    coalesce(line.id, cast(line_position as varchar)) as line_id,
    line.depositlinedetail.accountref.value as account_id,
    coalesce(
        line.depositlinedetail.entity.value, line.depositlinedetail.entity.entityref.value
    ) as party_id,
    line.depositlinedetail.entity.type as party_type,
    coalesce(
        line.depositlinedetail.entity.name, line.depositlinedetail.entity.entityref.name
    ) as party_name,
    document_number,
    currency,
    exchange_rate,
    line.amount,
    txn_date,
    extracted_at
from lines
