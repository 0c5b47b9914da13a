select
    entity,
    month,
    deal_id,
    sum(amount_home) filter (where category <> 'closing') as explained,
    coalesce(sum(amount_home) filter (where category = 'closing'), 0) as closing
from {{ ref('int_bridge__bookings_to_billings') }}
group by all
having coalesce(explained, 0) <> closing
