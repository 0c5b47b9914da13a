{#- A column for each ageing bucket, with the amounts that are in it; `bucket` must be at hand. -#}
{% macro sum_by_bucket(amount) -%}
    {%- for column, bucket in ageing_columns().items() -%}
        cast(
            coalesce(sum({{ amount }}) filter (where bucket = '{{ bucket }}'), 0) as decimal(18, 2)
        ) as {{ column }}
        {%- if not loop.last %},
        {% endif %}
    {%- endfor %}
{%- endmacro %}
