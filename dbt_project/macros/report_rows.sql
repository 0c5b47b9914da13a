{#-
    Rows of a QuickBooks report, however deep its sections nest, as one flat list.
    `parsed_reports` names a CTE of (entity, report_date, extracted_at, column_keys, rows_json).
    A section that stands for somebody (a parent customer with its own amounts) is a row as well;
    a section's subtotal is not, for its rows are there, but its cells stay readable.
-#}
{% macro report_rows(parsed_reports) -%}
    {%- set cells = '[{"value": "VARCHAR", "id": "VARCHAR"}]' -%}
    {%- set row_shape -%}
        [{"group": "VARCHAR", "ColData": {{ cells }}, "Header": {"ColData": {{ cells }}},
          "Summary": {"ColData": {{ cells }}}, "Rows": {"Row": "JSON"}}]
    {%- endset -%}
    select
        entity,
        report_date,
        cast(null as varchar) as section_group,
        cast(null as struct("value" varchar, id varchar)[]) as cells,
        cast(null as struct("value" varchar, id varchar)[]) as summary_cells,
        rows_json
    from {{ parsed_reports }}
    union all
    select
        parent.entity,
        parent.report_date,
        coalesce(child.item."group", parent.section_group) as section_group,
        coalesce(child.item.coldata, child.item.header.coldata) as cells,
        child.item.summary.coldata as summary_cells,
        child.item.rows.row as rows_json
    from report_rows as parent,
        unnest(json_transform(parent.rows_json, '{{ row_shape }}')) as child (item)
    where parent.rows_json is not null
{%- endmacro %}
