{#- What a person calls a deal: "Deal Acme rollout over 100.00 EUR". -#}
{% macro deal_label(deals) -%}
    'Deal ' || coalesce({{ deals }}.deal_name, {{ deals }}.deal_id)
    || if({{ deals }}.has_amount, ' over ' || {{ deals }}.amount || ' ' || {{ deals }}.currency, '')
{%- endmacro %}
