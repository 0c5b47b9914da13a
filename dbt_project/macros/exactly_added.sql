{#- A sum of numbers that are none exactly: as decimals they come out the same in any order. -#}
{% macro exactly_added(number) -%}
    cast(sum(cast({{ number }} as decimal(38, 12))) as double)
{%- endmacro %}
