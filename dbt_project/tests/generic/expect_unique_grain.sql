{#- Fails with every combination of the columns that more than one row has; nulls compare equal. -#}
{% test expect_unique_grain(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by all
    having count(*) > 1
{% endtest %}
