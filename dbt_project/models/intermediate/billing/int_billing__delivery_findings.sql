{%- set policy = var('billing') -%}
{%- set by_deal_type = policy['delivery']['by_deal_type'] -%}
{%- set delivery_rules = [
    {
        'when': 'not knows_delivery',
        'code': "'delivery_not_shown'",
        'status': "'not_configured'",
        'message': "'does not say whether it is delivered: the policy names no such field, or"
            ~ " Salesforce does not show it.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
    {
        'when': 'not is_delivered',
        'code': "'not_delivered'",
        'message': "'is not delivered: its delivery status is '"
            ~ " || coalesce('\"' || delivery_status || '\"', 'empty') || '.'",
        'remedy': "'Nothing, if so. Else set the delivery status in the CRM.'",
    },
] -%}
{%- set items_rules = [
    {
        'when': 'unmapped is not null',
        'code': "'item_unmapped'",
        'message': "'sells what QuickBooks has no item for: ' || unmapped || '.'",
        'remedy': "'Create an item with the product''s code as its SKU, or correct the code.'",
    },
    {
        'when': 'inactive is not null',
        'code': "'item_inactive'",
        'message': "'sells an item that is inactive in QuickBooks: ' || inactive || '.'",
        'remedy': "'Make the item active again, or sell another product.'",
    },
    {
        'when': 'without_account is not null',
        'code': "'item_without_income_account'",
        'message': "'sells an item without an active income account: ' || without_account || '.'",
        'remedy': "'Give the item an income account in QuickBooks.'",
    },
    {
        'when': 'unresolved is not null',
        'code': "'bundle_unresolved'",
        'message': "'sells a bundle with members that are none, gone, inactive or without an income'"
            ~ " || ' account: ' || unresolved || '.'",
        'remedy': "'Mend the bundle in QuickBooks.'",
    },
] -%}
{%- set purchase_order_rules = [
    {
        'when': 'needs_purchase_order and not knows_purchase_order',
        'code': "'purchase_order_not_shown'",
        'status': "'not_configured'",
        'message': "'needs the customer''s purchase order, and the policy names no field for it, or"
            ~ " Salesforce does not show it.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
    {
        'when': 'needs_purchase_order and purchase_order_number is null',
        'code': "'purchase_order_missing'",
        'message': "'needs the customer''s purchase order, as all of segment ' || segment || ' do.'",
        'remedy': "'Ask the customer for it and enter it on the deal.'",
    },
] -%}
{%- set totals_rules = [
    {
        'when': 'coalesce(amount, 0) <= 0',
        'code': "'amount_not_positive'",
        'message': "'comes to ' || coalesce(amount, 0) || ' ' || currency || ', and an invoice is above"
            ~ " zero.'",
        'remedy': "'Correct the amount in the CRM.'",
    },
    {
        'when': 'coalesce(lines_amount, 0) <> deal_amount',
        'code': "'lines_unlike_amount'",
        'message': "'does not add up: its deal is over ' || deal_amount || ' ' || currency || ', the'"
            ~ " || ' lines come to ' || coalesce(lines_amount, 0) || '.'",
        'remedy': "'Correct the lines or the amount in the CRM.'",
    },
    {
        'when': 'instalments_amount <> line_amount',
        'code': "'instalments_unlike_line'",
        'message': "'does not add up: its line is over ' || line_amount || ' ' || currency || ', the'"
            ~ " || ' line''s instalments come to ' || instalments_amount || '.'",
        'remedy': "'Correct the line''s schedule in the CRM.'",
    },
    {
        'when': 'coalesce(unit_lines_amount, 0) <> amount',
        'code': "'lines_unlike_unit'",
        'message': "'does not add up: ' || amount || ' ' || currency || ' is left of its deal, and the'"
            ~ " || ' lines to invoice come to ' || coalesce(unit_lines_amount, 0) || '.'",
        'remedy': "'Correct the schedules of the deal''s lines in the CRM.'",
    },
] -%}

with units as (
    select * from {{ ref('int_billing__units') }}
),

unit_lines as (
    select * from {{ ref('int_billing__unit_lines') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

known_fields as (
    select * from {{ ref('int_billing__known_fields') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

accounts as (
    select * from {{ ref('stg_quickbooks__accounts') }}
    where is_active
),

sellable_items as (
    select
        items.entity,
        items.item_id,
        items.item_type = 'Group' as is_bundle,
        items.is_active,
        items.item_type = 'Group' or accounts.account_id is not null as has_account,
        items.group_members
    from items
    left join accounts
        on items.entity = accounts.entity and items.income_account_id = accounts.account_id
),

members as (
    select
        entity,
        item_id,
        unnest(group_members).itemref.value as member_item_id
    from sellable_items
    where is_bundle
),

resolved_bundles as (
    select
        members.entity,
        members.item_id
    from members
    left join sellable_items as member_items
        on
            members.entity = member_items.entity
            and members.member_item_id = member_items.item_id
            and member_items.is_active
            and member_items.has_account
            and not member_items.is_bundle
    group by all
    having count(*) = count(member_items.item_id)
),

lines_judged as (
    select
        unit_lines.entity,
        unit_lines.billing_key,
        coalesce(unit_lines.product_code, unit_lines.product_name, 'a line without a product')
            as product,
        case
            when sellable_items.item_id is null then 'unmapped'
            when not sellable_items.is_active then 'inactive'
            when not sellable_items.has_account then 'without_account'
            when sellable_items.is_bundle and resolved_bundles.item_id is null then 'unresolved'
        end as finding
    from unit_lines
    left join sellable_items
        on
            unit_lines.entity = sellable_items.entity
            and unit_lines.item_id = sellable_items.item_id
    left join resolved_bundles
        on
            unit_lines.entity = resolved_bundles.entity
            and unit_lines.item_id = resolved_bundles.item_id
),

lines_of_units as (
    select
        entity,
        billing_key,
        string_agg(distinct product, ', ' order by product) filter (
            where finding = 'unmapped'
        ) as unmapped,
        string_agg(distinct product, ', ' order by product) filter (
            where finding = 'inactive'
        ) as inactive,
        string_agg(distinct product, ', ' order by product) filter (
            where finding = 'without_account'
        ) as without_account,
        string_agg(distinct product, ', ' order by product) filter (
            where finding = 'unresolved'
        ) as unresolved
    from lines_judged
    group by all
),

amounts_of_units as (
    select
        entity,
        billing_key,
        sum(line_amount) as unit_lines_amount
    from unit_lines
    group by all
),

lines_of_deals as (
    select
        crm_entity,
        deal_id,
        sum(line_amount) as lines_amount
    from deal_lines
    group by all
),

instalments_of_lines as (
    select
        entity,
        crm_entity,
        deal_line_id,
        sum(amount) as instalments_amount
    from units
    where deal_line_id is not null
    group by all
),

facts as (
    select
        units.entity,
        units.billing_key,
        units.segment,
        units.purchase_order_number,
        units.delivery_status,
        units.currency,
        units.amount,
        deals.amount as deal_amount,
        lines_of_deals.lines_amount,
        amounts_of_units.unit_lines_amount,
        instalments_of_lines.instalments_amount,
        deal_lines.line_amount,
        lines_of_units.unmapped,
        lines_of_units.inactive,
        lines_of_units.without_account,
        lines_of_units.unresolved,
        list_contains(
            {{ text_list(policy['purchase_order_segments'] | map('lower') | list) }},
            lower(units.segment)
        ) as needs_purchase_order,
        coalesce(
            list_contains(
                case
                    {% for deal_type in by_deal_type %}
                        when lower(units.deal_type) = lower('{{ deal_type | replace("'", "''") }}')
                            then {{ text_list(by_deal_type[deal_type] | map('lower') | list) }}
                    {% endfor %}
                    when true
                        then {{ text_list(policy['delivery']['statuses'] | map('lower') | list) }}
                end,
                lower(units.delivery_status)
            ),
            false
        ) as is_delivered,
        coalesce(
            known_fields.knows_delivery
            or (units.instalment_id is not null and known_fields.knows_instalment_delivery),
            false
        ) as knows_delivery,
        coalesce(known_fields.knows_purchase_order, false) as knows_purchase_order
    from units
    inner join deals using (entity, deal_id)
    left join known_fields on units.crm_entity = known_fields.crm_entity
    left join lines_of_units
        on units.entity = lines_of_units.entity and units.billing_key = lines_of_units.billing_key
    left join amounts_of_units
        on
            units.entity = amounts_of_units.entity
            and units.billing_key = amounts_of_units.billing_key
    left join lines_of_deals
        on units.crm_entity = lines_of_deals.crm_entity and units.deal_id = lines_of_deals.deal_id
    left join instalments_of_lines
        on
            units.entity = instalments_of_lines.entity
            and units.crm_entity = instalments_of_lines.crm_entity
            and units.deal_line_id = instalments_of_lines.deal_line_id
    left join deal_lines
        on
            units.crm_entity = deal_lines.crm_entity
            and units.deal_line_id = deal_lines.deal_line_id
)

{{ findings('delivery', 'facts', 'sales_operations', delivery_rules) }}
union all
{{ findings('items', 'facts', 'accountant', items_rules) }}
union all
{{ findings('purchase_order', 'facts', 'sales_operations', purchase_order_rules) }}
union all
{{ findings('totals', 'facts', 'sales_operations', totals_rules) }}
