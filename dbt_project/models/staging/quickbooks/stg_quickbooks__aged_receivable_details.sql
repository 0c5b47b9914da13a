{#- A table, for two models read it and reports are slow to flatten. -#}
{{ config(materialized='table') }}

with recursive {{ flattened_reports('aged_receivable_details') }},

named_cells as (
    select
        reports.entity,
        reports.report_date,
        report_rows.cells[list_position(reports.column_keys, 'txn_type')] as txn_type,
        report_rows.cells[list_position(reports.column_keys, 'doc_num')] as doc_num,
        report_rows.cells[list_position(reports.column_keys, 'cust_name')] as cust_name,
        report_rows.cells[list_position(reports.column_keys, 'currency')] as currency,
        report_rows.cells[list_position(reports.column_keys, 'subt_open_bal')] as home_open,
        report_rows.cells[list_position(reports.column_keys, 'foreign_open_bal')] as own_open
    from report_rows
    inner join reports using (entity, report_date)
),

transactions as (
    select *
    from named_cells
    where coalesce(txn_type.id, doc_num.id) is not null
)

select
    reports.entity,
    reports.report_date,
    coalesce(transactions.txn_type.id, transactions.doc_num.id) as transaction_id,
    case
        when transactions.entity is not null then coalesce(transactions.cust_name.id, 'unnamed')
    end as customer_id,
    transactions.txn_type.value as transaction_type,
    nullif(transactions.doc_num.value, '') as document_number,
    nullif(transactions.currency.value, '') as currency,
    {{ report_amount('transactions.own_open') }} as open_amount,
    {{ report_amount('transactions.home_open') }} as open_amount_home,
    reports.extracted_at
from reports
left join transactions using (entity, report_date)
