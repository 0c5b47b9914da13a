with entities as (
    select * from {{ ref('int_ledger__entities') }}
),

preferences as (
    select * from {{ ref('stg_quickbooks__preferences') }}
),

company_info as (
    select * from {{ ref('stg_quickbooks__company_info') }}
),

sales_form_fields as (
    select
        entity,
        unnest(sales_form_fields) as field
    from preferences
),

custom_fields as (
    select
        entity,
        right(field.name, 1) as definition_id,
        max(field.stringvalue) filter (where field.name like '%SalesCustomName_') as field_name,
        bool_or(field.booleanvalue) filter (where field.name like '%UseSalesCustom_') as is_used
    from sales_form_fields
    group by all
),

purchase_order_fields as (
    select
        entity,
        min(definition_id) as definition_id,
        arg_min(field_name, definition_id) as field_name
    from custom_fields
    where
        is_used
        and list_contains(
            {{ text_list(var('purchase_order_fields') | map('lower') | list) }},
            lower(trim(field_name))
        )
    group by entity
)

select
    entities.entity,
    entities.time_zone,
    coalesce(company_info.country_code in ('US', 'USA'), false) as is_american,
    coalesce(preferences.uses_sales_tax, false) as uses_sales_tax,
    coalesce(preferences.is_sales_tax_automatic, false) as is_sales_tax_automatic,
    preferences.usual_tax_code_id,
    coalesce(preferences.is_multicurrency, false) as is_multicurrency,
    coalesce(preferences.numbers_by_hand, false) as numbers_by_hand,
    coalesce(preferences.allows_discounts, true) as allows_discounts,
    coalesce(preferences.allows_service_dates, true) as allows_service_dates,
    coalesce(preferences.has_class_on_invoice, false) as has_class_on_invoice,
    coalesce(preferences.has_class_on_line, false) as has_class_on_line,
    coalesce(preferences.tracks_departments, false) as tracks_departments,
    purchase_order_fields.definition_id as purchase_order_definition_id,
    purchase_order_fields.field_name as purchase_order_field_name,
    preferences.book_close_date
from entities
left join preferences using (entity)
left join company_info using (entity)
left join purchase_order_fields using (entity)
