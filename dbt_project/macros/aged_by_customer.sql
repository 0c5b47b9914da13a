{#-
    Open items of any dates, summed into the ageing buckets of each customer and currency. The date
    is said with its table, for it is the name of a parameter where a function asks.
-#}
{% macro aged_by_customer(open_items) -%}
    select
        entity,
        open_items.as_of_date,
        customer_id,
        customer_name,
        currency,
        {{ sum_by_bucket('open_amount') }},
        cast(sum(open_amount) as decimal(18, 2)) as total,
        cast(sum(open_amount_home) as decimal(18, 2)) as total_home
    from {{ open_items }} as open_items
    group by entity, open_items.as_of_date, customer_id, customer_name, currency
{%- endmacro %}
