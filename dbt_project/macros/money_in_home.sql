{#- An amount at a document's own rate, rounded half up (away from zero) to the cent. -#}
{% macro money_in_home(amount, exchange_rate) -%}
    cast(round({{ amount }} * {{ exchange_rate }}, 2) as decimal(18, 2))
{%- endmacro %}
