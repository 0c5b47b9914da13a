{#- The shape of a line of an invoice or credit memo; a bundle has inner lines and no amount. -#}
{% macro sales_line() -%}
    {%- set item -%}
        "Id": "VARCHAR", "Description": "VARCHAR", "Amount": "DECIMAL(18,2)",
        "SalesItemLineDetail": {"ServiceDate": "DATE"}
    {%- endset -%}
    {{ '{' }}"DetailType": "VARCHAR", {{ item }}, "GroupLineDetail": {"Line": [{{ '{' }}{{ item }}{{ '}' }}]}{{ '}' }}
{%- endmacro %}
