{#- The ageing buckets, youngest first, by the name of the column that holds each one's amount. -#}
{% macro ageing_columns() -%}
    {{ return({
        'current_amount': 'current',
        'days_1_30': '1-30',
        'days_31_60': '31-60',
        'days_61_90': '61-90',
        'days_over_90': '90+',
    }) }}
{%- endmacro %}
