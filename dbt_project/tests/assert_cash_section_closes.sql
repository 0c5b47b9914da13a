select
    entity,
    month,
    deal_id,
    sum(amount_home) filter (where category <> 'closing') as expected,
    sum(amount_home) filter (where category = 'closing') as found
from {{ ref('int_bridge__billings_to_cash') }}
group by all
having coalesce(expected, 0) <> coalesce(found, 0)
