{#- The shape of a line of an invoice or credit memo; a bundle has lines of its own inside. -#}
{% macro sales_line() -%}
    {%- set item -%}
        "Id": "VARCHAR", "Description": "VARCHAR", "Amount": "DECIMAL(18,2)",
        "SalesItemLineDetail": {
            "ItemRef": {"value": "VARCHAR", "name": "VARCHAR"},
            "Qty": "DECIMAL(20,8)",
            "UnitPrice": "DECIMAL(20,8)",
            "ServiceDate": "DATE"
        }
    {%- endset -%}
    { "DetailType": "VARCHAR", {{ item }}, "GroupLineDetail": {"Line": [{ {{ item }} }]} }
{%- endmacro %}
