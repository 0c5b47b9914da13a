{#-
    Days from due date to payment as the cash forecast counts them: earlier or later than its
    bounds is at its bounds, where nothing more is told apart.
-#}
{% macro counted_delay(days) -%}
    cast(least(greatest({{ days }}, -60), {{ var('longest_delay_days') }}) as integer)
{%- endmacro %}
