with units as (
    select * from {{ ref('int_billing__units') }}
),

unit_lines as (
    select * from {{ ref('int_billing__unit_lines') }}
    where item_id is not null
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

settings as (
    select * from {{ ref('int_billing__book_settings') }}
),

-- A discount is shown where the books know discounts; elsewhere the line is worth what is left.
priced as (
    select
        unit_lines.entity,
        unit_lines.billing_key,
        unit_lines.deal_line_id,
        unit_lines.line_position,
        unit_lines.item_id,
        unit_lines.item_type,
        coalesce(unit_lines.description, unit_lines.product_name, '') as description,
        units.instalment_id,
        units.service_from_date,
        units.service_until_date,
        unit_lines.service_date,
        unit_lines.quantity,
        unit_lines.unit_price,
        case
            when
                settings.allows_discounts
                and unit_lines.discount_percent > 0
                and unit_lines.gross_amount > unit_lines.line_amount
                then unit_lines.gross_amount
            else unit_lines.line_amount
        end as amount,
        unit_lines.line_amount as net_amount
    from unit_lines
    inner join units using (entity, billing_key)
    inner join settings using (entity)
),

described as (
    select
        * replace (
            left(
                description
                || case
                    when
                        instalment_id is not null
                        and service_until_date > coalesce(service_from_date, service_date)
                        and {{ service_period('description') }}.ends_on = ''
                        then
                            ' (' || coalesce(service_from_date, service_date) || ' to '
                            || service_until_date || ')'
                    else ''
                end,
                4000
            ) as description
        )
    from priced
),

single_items as (
    select
        * exclude (item_type, instalment_id, service_from_date, service_until_date, unit_price),
        0 as position_in_bundle,
        cast(null as varchar) as bundle_item_id,
        cast(null as decimal(20, 8)) as bundle_quantity,
        case when quantity * unit_price = amount then unit_price end as unit_price
    from described
    where item_type is distinct from 'Group'
),

bundle_members as (
    select
        entity,
        item_id as bundle_item_id,
        unnest(group_members) as member,
        generate_subscripts(group_members, 1) as position_in_bundle
    from items
    where item_type = 'Group'
),

-- What a member weighs: its list price, or where the bundle's members have none, its quantity.
weighed_members as (
    select
        bundle_members.entity,
        bundle_members.bundle_item_id,
        bundle_members.position_in_bundle,
        bundle_members.member.itemref.value as item_id,
        coalesce(bundle_members.member.qty, 1) as quantity_in_bundle,
        cast(
            case
                when
                    sum(bundle_members.member.qty * items.unit_price) over (
                        partition by bundle_members.entity, bundle_members.bundle_item_id
                    ) > 0
                    then coalesce(bundle_members.member.qty * items.unit_price, 0)
                else coalesce(bundle_members.member.qty, 1)
            end as decimal(18, 4)
        ) as weight
    from bundle_members
    left join items
        on
            bundle_members.entity = items.entity
            and bundle_members.member.itemref.value = items.item_id
),

-- Members end to end, so that the bundle's amount falls on all of them without a cent left.
laid_out as (
    select
        *,
        cast(sum(weight) over so_far as decimal(18, 4)) as weight_so_far,
        cast(sum(weight) over so_far as decimal(18, 4)) - weight as weight_before,
        cast(sum(weight) over (partition by entity, bundle_item_id) as decimal(18, 4))
            as whole_weight
    from weighed_members
    window so_far as (
        partition by entity, bundle_item_id order by position_in_bundle
        rows between unbounded preceding and current row
    )
),

shared as (
    select
        described.entity,
        described.billing_key,
        described.deal_line_id,
        described.line_position,
        laid_out.position_in_bundle,
        laid_out.bundle_item_id,
        described.quantity as bundle_quantity,
        laid_out.item_id,
        described.description,
        described.service_date,
        cast(described.quantity * laid_out.quantity_in_bundle as decimal(20, 8)) as quantity,
        {{ cumulative_share(
            'described.amount', 'laid_out.weight_so_far', 'laid_out.weight_before',
            'laid_out.whole_weight'
        ) }} as amount,
        {{ cumulative_share(
            'described.net_amount', 'laid_out.weight_so_far', 'laid_out.weight_before',
            'laid_out.whole_weight'
        ) }} as net_amount
    from described
    inner join laid_out
        on
            described.entity = laid_out.entity and described.item_id = laid_out.bundle_item_id
),

bundled_items as (
    select
        * replace (
            cast(amount as decimal(18, 2)) as amount,
            cast(net_amount as decimal(18, 2)) as net_amount
        ),
        cast(round(amount / nullif(quantity, 0), 5) as decimal(20, 8)) as price_near_amount
    from shared
),

lines as (
    select * from single_items
    union all by name
    select
        * exclude (price_near_amount),
        case when quantity * price_near_amount = amount then price_near_amount end as unit_price
    from bundled_items
)

select
    lines.entity,
    lines.billing_key,
    lines.deal_line_id,
    lines.line_position,
    lines.position_in_bundle,
    lines.bundle_item_id,
    lines.bundle_quantity,
    lines.item_id,
    coalesce(items.is_taxable, true) as is_taxable,
    lines.description,
    lines.service_date,
    lines.quantity,
    lines.unit_price,
    lines.amount,
    lines.net_amount
from lines
left join items using (entity, item_id)
