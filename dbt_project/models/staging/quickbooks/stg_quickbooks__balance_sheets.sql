{#- A table, for two models read it and reports are slow to flatten. -#}
{{ config(materialized='table') }}

with recursive latest as (
    {{ latest_versions(source('raw_quickbooks', 'balance_sheets')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Header": {"Currency": "VARCHAR"},
            "Rows": {"Row": "JSON"}
        }') as report
    from latest
),

reports as (
    select
        entity,
        cast(record_id as date) as report_date,
        report.header.currency,
        report.rows.row as rows_json,
        extracted_at
    from parsed
),

report_rows as (
    {{ report_rows('reports') }}
),

accounts as (
    select
        entity,
        report_date,
        cells[1].id as account_id,
        cells[1].value as account_name,
        section_group,
        {{ report_amount('cells[-1]') }} as balance_amount
    from report_rows
    where cells[1].id is not null
)

select
    reports.entity,
    reports.report_date,
    accounts.account_id,
    accounts.account_name,
    accounts.section_group,
    reports.currency,
    accounts.balance_amount,
    reports.extracted_at
from reports
left join accounts using (entity, report_date)
