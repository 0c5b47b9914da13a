{#-
    One level of sections after another, of a CTE of (entity, report_date, rows_json).
    Rows are parted as texts and read one by one: a list of 12,000 structs unnests ten times slower.
-#}
{% macro report_rows(parsed_reports) -%}
    {%- set cells = '[{"value": "VARCHAR", "id": "VARCHAR"}]' -%}
    {%- set row_shape -%}
        {"group": "VARCHAR", "ColData": {{ cells }}, "Header": {"ColData": {{ cells }}},
         "Summary": {"ColData": {{ cells }}}, "Rows": {"Row": "JSON"}}
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
        entity,
        report_date,
        coalesce(item."group", section_group) as section_group,
        coalesce(item.coldata, item.header.coldata) as cells,
        item.summary.coldata as summary_cells,
        item.rows.row as rows_json
    from (
        select
            entity,
            report_date,
            section_group,
            json_transform(row_json, '{{ row_shape }}') as item
        from (
            select
                entity,
                report_date,
                section_group,
                unnest(json_extract(rows_json, '$[*]')) as row_json
            from report_rows
            where rows_json is not null
        ) as texts
    ) as children
{%- endmacro %}
