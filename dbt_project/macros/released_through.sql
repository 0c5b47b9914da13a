{#-
    How much of a line with a service period is earned by the end of a day: day by day alike, each
    day's total rounded to the cent, so that the last day brings it to the whole amount.
-#}
{% macro released_through(day) -%}
    case
        when {{ day }} >= ends_on then amount_home
        when {{ day }} < starts_on then 0
        else
            cast(
                round(
                    amount_home * ({{ day }} - starts_on + 1) / (ends_on - starts_on + 1), 2
                ) as decimal(18, 2)
            )
    end
{%- endmacro %}
