{#- A table, for two models read it and reports are slow to flatten. -#}
{{ config(materialized='table') }}

with recursive {{ flattened_reports('balance_sheets') }},

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
