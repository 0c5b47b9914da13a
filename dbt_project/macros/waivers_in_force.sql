{#-
    Tie-out differences that somebody has accepted and whose end has not come, one row each.
    A waiver covers its exact amount (ours less theirs), so a difference that moves blocks again.
-#}
{% macro waivers_in_force() -%}
    {%- for waiver in var('waivers', []) %}
        select
            '{{ waiver["entity"] }}' as entity,
            '{{ waiver["measure"] }}' as measure,
            '{{ waiver["customer_id"] or "" }}' as customer_id,
            cast('{{ waiver["amount"] }}' as decimal(18, 2)) as amount
        where cast('{{ waiver["until"] }}' as date) >= {{ as_of_date() }}
        union
    {%- endfor %}
    select
        cast(null as varchar) as entity,
        cast(null as varchar) as measure,
        cast(null as varchar) as customer_id,
        cast(null as decimal(18, 2)) as amount
    where false
{%- endmacro %}
