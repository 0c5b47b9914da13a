with deal_months as (
    select * from {{ ref('int_bridge__deal_months') }}
    where month_outcome = 'won' and was_open
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

line_states as (
    select * from {{ ref('int_crm__deal_line_states') }}
),

booked as (
    select
        deal_months.entity,
        deal_months.crm_entity,
        deal_months.deal_id,
        deal_months.starts_at,
        deal_months.amount as opening_amount,
        deals.amount as booked_amount
    from deal_months
    inner join deals using (entity, deal_id)
    where deal_months.currency = deals.currency
),

seen as (
    select
        booked.entity,
        booked.deal_id,
        booked.opening_amount,
        booked.booked_amount,
        line_states.deal_line_id,
        line_states.quantity,
        line_states.unit_price,
        line_states.line_amount,
        line_states.valid_from < booked.starts_at
        or coalesce(line_states.created_at >= booked.starts_at, false) as tells_the_start,
        not line_states.is_deleted
        and line_states.valid_from < booked.starts_at
        and line_states.valid_until >= booked.starts_at as was_there,
        not line_states.is_deleted
        and line_states.valid_until = timestamptz '9999-12-31 00:00:00+00' as is_there
    from booked
    inner join line_states using (crm_entity, deal_id)
),

lines as (
    select
        entity,
        deal_id,
        opening_amount,
        booked_amount,
        deal_line_id,
        bool_or(tells_the_start) as is_known,
        any_value(quantity) filter (where was_there) as opening_quantity,
        any_value(unit_price) filter (where was_there) as opening_price,
        any_value(line_amount) filter (where was_there) as opening_line_amount,
        any_value(quantity) filter (where is_there) as booked_quantity,
        any_value(unit_price) filter (where is_there) as booked_price,
        any_value(line_amount) filter (where is_there) as booked_line_amount
    from seen
    group by all
)

select
    entity,
    deal_id,
    cast(
        round(
            sum(
                case
                    when opening_line_amount is null then booked_line_amount
                    when booked_line_amount is null then -opening_line_amount
                    else
                        (booked_quantity - opening_quantity)
                        * coalesce(opening_price, booked_price)
                end
            ),
            2
        ) as decimal(18, 2)
    ) as scope_amount
from lines
group by entity, deal_id, opening_amount, booked_amount
having
    bool_and(is_known)
    and coalesce(sum(opening_line_amount), 0) = opening_amount
    and coalesce(sum(booked_line_amount), 0) = booked_amount
