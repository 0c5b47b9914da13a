{#- A day of a date's month by its number, or the last day of a month that is too short for it. -#}
{% macro day_of_month(in_month_of, day_number) -%}
    least(date_trunc('month', {{ in_month_of }})::date + {{ day_number }} - 1, last_day({{ in_month_of }}))
{%- endmacro %}
