{#- Decisions of the policy, one row each; `fields` names by column what a decision calls it. -#}
{% macro decided(decisions, fields) -%}
    {%- for decision in decisions %}
        select
            {%- for column, field in fields.items() %}
                '{{ decision[field] | replace("'", "''") }}' as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        union
    {%- endfor %}
    select
        {%- for column in fields %}
            cast(null as varchar) as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
