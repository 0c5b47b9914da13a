{#-
    The measures of collection, each once. Money goes in, days or a percentage with two decimals
    comes out, or null where the books say nothing. Division makes a double, so it is cast at once.
-#}

{#- Days' sales outstanding: what is owed, in days of the period's sales. -#}
{% macro days_of_sales(receivable, sales, days) -%}
    case when {{ sales }} > 0
        then cast({{ receivable }} * {{ days }} / {{ sales }} as decimal(18, 2))
    end
{%- endmacro %}

{#- What was collected of what could be, in percent; of several months the average one's sales. -#}
{% macro collection_effectiveness(opening, sales, months, closing, closing_not_due) -%}
    case when {{ opening }} + {{ sales }} / {{ months }} - {{ closing_not_due }} > 0
        then cast(
            100 * ({{ opening }} + {{ sales }} / {{ months }} - {{ closing }})
            / ({{ opening }} + {{ sales }} / {{ months }} - {{ closing_not_due }})
            as decimal(18, 2)
        )
    end
{%- endmacro %}

{#- A part of a whole, from 0 to 100. -#}
{% macro percentage(part, whole) -%}
    case when {{ whole }} > 0 then cast(100 * {{ part }} / {{ whole }} as decimal(18, 2)) end
{%- endmacro %}

{#- The mean number of days, each weighed by its amount. -#}
{% macro weighted_days(amount_days, amount) -%}
    case when {{ amount }} > 0
        then cast({{ amount_days }} / {{ amount }} as decimal(18, 2))
    end
{%- endmacro %}

{#- The first reason that holds, as the words a null measure is explained with; else null. -#}
{% macro reason(conditions) -%}
    case
        {%- for condition, words in conditions.items() %}
        when {{ condition }} then '{{ words }}'
        {%- endfor %}
    end
{%- endmacro %}

{#-
    DSO by count-back for each row of `balances` (keys, month_end, ar_home) that is owed something:
    whole months of `months` (keys, month_end, sales_home) are taken off the receivable, newest
    first, and the month that covers the rest counts by its share. No row where all months together
    do not cover it.
-#}
{% macro dso_countback(balances, months, keys) -%}
    select
        {{ keys | join(', ') }},
        balance_date as month_end,
        cast(
            arg_max(
                balance_date - month_end
                + (ar_home - taken_home + sales_home) / sales_home * day(month_end),
                month_end
            ) as decimal(18, 2)
        ) as dso_countback
    from (
        select
            {% for key in keys %}balances.{{ key }}, {% endfor %}
            balances.month_end as balance_date,
            balances.ar_home,
            months.month_end,
            months.sales_home,
            sum(months.sales_home) over (
                partition by {% for key in keys %}balances.{{ key }}, {% endfor %}balances.month_end
                order by months.month_end desc
                rows between unbounded preceding and current row
            ) as taken_home
        from {{ balances }} as balances
        inner join {{ months }} as months
            on
                {% for key in keys %}balances.{{ key }} = months.{{ key }} and {% endfor %}
                balances.month_end >= months.month_end
        where balances.ar_home > 0 and months.sales_home <> 0
    ) as taken
    where taken_home >= ar_home
    group by {{ keys | join(', ') }}, balance_date
{%- endmacro %}
