{#-
    The lines of a sales document that carry money, one row each: item lines, and the lines inside
    bundles, whose own amount is zero. Subtotals repeat others and discounts reduce them, so neither
    is here.
-#}
{% macro sales_lines_flattened(documents, document_id) -%}
with lines as (
    select
        entity,
        {{ document_id }},
        extracted_at,
        unnest(lines) as line,
        generate_subscripts(lines, 1) as line_position
    from {{ documents }}
),

bundled as (
    select
        entity,
        {{ document_id }},
        extracted_at,
        line_position,
        line.description as bundle_description,
        unnest(line.grouplinedetail.line) as line,
        generate_subscripts(line.grouplinedetail.line, 1) as position_in_bundle
    from lines
    where line.detailtype = 'GroupLineDetail'
)

select
    entity,
    {{ document_id }},
    line_position,
    0 as position_in_bundle,
    line.id as line_id,
    line.salesitemlinedetail.itemref.value as item_id,
    line.salesitemlinedetail.itemref.name as item_name,
    line.description,
    cast(null as varchar) as bundle_description,
    line.salesitemlinedetail.qty as quantity,
    line.salesitemlinedetail.unitprice as unit_price,
    line.amount,
    line.salesitemlinedetail.servicedate as service_date,
    extracted_at
from lines
where line.detailtype = 'SalesItemLineDetail'
union all
select
    entity,
    {{ document_id }},
    line_position,
    position_in_bundle,
    line.id as line_id,
    line.salesitemlinedetail.itemref.value as item_id,
    line.salesitemlinedetail.itemref.name as item_name,
    line.description,
    bundle_description,
    line.salesitemlinedetail.qty as quantity,
    line.salesitemlinedetail.unitprice as unit_price,
    line.amount,
    line.salesitemlinedetail.servicedate as service_date,
    extracted_at
from bundled
{%- endmacro %}
