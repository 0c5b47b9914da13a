{#- A table, for two models read it and reports are slow to flatten. -#}
{{ config(materialized='table') }}

with recursive {{ flattened_reports('aged_receivables') }},

customers as (
    select
        entity,
        report_date,
        -- A row without an id is what names no customer.
        coalesce(cells[1].id, 'unnamed') as customer_id,
        cells
    from report_rows
    where cells is not null
),

grand_totals as (
    select
        entity,
        report_date,
        cast(null as varchar) as customer_id,
        summary_cells as cells
    from report_rows
    where section_group = 'GrandTotal' and summary_cells is not null
),

totals as (
    select
        reports.entity,
        reports.report_date,
        grand_totals.customer_id,
        grand_totals.cells
    from reports
    left join grand_totals using (entity, report_date)
),

amounts as (
    select * from customers
    union all by name
    select * from totals
)

select
    amounts.entity,
    amounts.report_date,
    amounts.customer_id,
    reports.currency,
    {{ report_amount('amounts.cells[2]') }} as current_amount,
    {{ report_amount('amounts.cells[3]') }} as days_1_30,
    {{ report_amount('amounts.cells[4]') }} as days_31_60,
    {{ report_amount('amounts.cells[5]') }} as days_61_90,
    {{ report_amount('amounts.cells[6]') }} as days_over_90,
    {{ report_amount('amounts.cells[-1]') }} as total_amount,
    reports.extracted_at
from amounts
inner join reports using (entity, report_date)
