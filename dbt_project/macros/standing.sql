{#-
    The standing of whoever owes: on hold beyond the policy's days or the credit limit, watched with
    anything past due; `credit_limit_home` must be at hand.
-#}
{% macro standing(days_past_due, balance_home) -%}
    case
        when
            {{ days_past_due }} > {{ var('hold_after_days') }}
            or coalesce({{ balance_home }} > credit_limit_home, false)
            then 'hold'
        when {{ days_past_due }} > 0 then 'watch'
        else 'good'
    end
{%- endmacro %}
