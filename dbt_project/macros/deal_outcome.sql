{#- What became of a deal, by its two flags: open, won or lost. -#}
{% macro deal_outcome(is_closed, is_won) -%}
    case when {{ is_won }} then 'won' when {{ is_closed }} then 'lost' else 'open' end
{%- endmacro %}
