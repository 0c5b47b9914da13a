with line_states as (
    select * from {{ ref('int_crm__deal_line_states') }}
    where valid_until = timestamptz '9999-12-31 00:00:00+00' and not is_deleted
)

select
    crm_system,
    crm_entity,
    deal_id,
    deal_line_id,
    row_number() over (
        partition by crm_entity, deal_id order by sort_order, created_at, deal_line_id
    ) as line_position,
    product_id,
    product_code,
    sku,
    product_name,
    product_family,
    description,
    quantity,
    sales_price,
    discount_percent,
    unit_price,
    line_amount,
    service_date
from line_states
