{#-
    When something of a date falls due; `terms` has the columns of a term's record. Without terms it
    is due at once.
-#}
{% macro due_by_terms(txn_date, terms) -%}
    {%- set day_due = 'coalesce(' ~ terms ~ '.day_of_month_due, 1)' -%}
    {%- set next_month = 'cast(' ~ txn_date ~ ' + interval 1 month as date)' -%}
    case
        -- Too close to the due day of its month, it falls due in the next.
        when
            {{ terms }}.term_type = 'DATE_DRIVEN'
            and {{ day_of_month(txn_date, day_due) }} - {{ txn_date }}
            < greatest(coalesce({{ terms }}.due_next_month_days, 0), 0)
            then {{ day_of_month(next_month, day_due) }}
        when {{ terms }}.term_type = 'DATE_DRIVEN' then {{ day_of_month(txn_date, day_due) }}
        else {{ txn_date }} + coalesce({{ terms }}.due_days, 0)
    end
{%- endmacro %}
