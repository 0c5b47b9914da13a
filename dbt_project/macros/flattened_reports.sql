{#-
    The CTEs with which every report model begins: `reports`, one row per report and date, and
    `report_rows`, its rows as one flat list, however deep its sections nest.
    A report that a later change reaches says nothing about our books as they are, so it is left out
    until it is read again.
    A section that stands for somebody (a parent customer with its own amounts) is a row as well;
    a section's subtotal is not, for its rows are there, but its cells stay readable.
    `column_keys` names the columns where the vendor does; titles are in the user's language.
-#}
{% macro flattened_reports(report) -%}
latest as (
    {{ latest_versions(source('raw_quickbooks', report)) }}
),

reached_dates as (
    select
        entity,
        report_date
    from {{ source('raw_quickbooks', 'report_states') }}
    where report = '{{ report }}'
    group by all
    having not arg_max(is_current, version)
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Header": {"Currency": "VARCHAR"},
            "Columns": {"Column": [{"MetaData": [{"Name": "VARCHAR", "Value": "VARCHAR"}]}]},
            "Rows": {"Row": "JSON"}
        }') as report
    from latest
),

reports as (
    select
        entity,
        cast(record_id as date) as report_date,
        report.header.currency,
        list_transform(
            report.columns.column,
            lambda described: list_filter(
                described.metadata, lambda pair: pair.name = 'ColKey'
            )[1].value
        ) as column_keys,
        report.rows.row as rows_json,
        extracted_at
    from parsed
    anti join reached_dates
        on
            parsed.entity = reached_dates.entity
            and cast(parsed.record_id as date) = reached_dates.report_date
),

report_rows as (
    {{ report_rows('reports') }}
)
{%- endmacro %}
