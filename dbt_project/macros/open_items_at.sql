{#-
    What is open at a date, out of a relation with the columns of `finance.ar_open_amounts`. The
    date is a SQL expression: a literal, a parameter, or a column that the relation carries beside
    them, for as many dates as it names.
-#}
{% macro open_items_at(open_amounts, as_of_date) -%}
    select
        entity,
        {{ as_of_date }} as as_of_date,
        document_type,
        document_id,
        document_number,
        customer_id,
        customer_name,
        txn_date,
        due_date,
        currency,
        exchange_rate,
        total,
        open_amount,
        open_amount_home,
        cast({{ as_of_date }} - due_date as integer) as days_past_due,
        {{ ageing_bucket('(' ~ as_of_date ~ ' - due_date)') }} as bucket,
        application_count
    from {{ open_amounts }}
    where holds_from_date <= {{ as_of_date }} and holds_until_date > {{ as_of_date }}
{%- endmacro %}
