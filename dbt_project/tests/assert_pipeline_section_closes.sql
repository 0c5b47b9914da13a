select
    entity,
    month,
    deal_id,
    sum(if(category = 'closing', -amount_home, amount_home)) as unexplained
from {{ ref('int_bridge__pipeline_to_bookings') }}
group by all
having unexplained <> 0
