{#- What a person decided about a deal and an invoice, one row each. -#}
{% macro decided_links() -%}
    {%- for link in var('deal_links', []) %}
        select
            '{{ link["entity"] }}' as entity,
            '{{ link["invoice_id"] }}' as invoice_id,
            '{{ link["deal_id"] }}' as deal_id,
            '{{ link["decision"] }}' as decision,
            '{{ link["by"] | replace("'", "''") }}' as decided_by,
            '{{ link["why"] | replace("'", "''") }}' as why
        union
    {%- endfor %}
    select
        cast(null as varchar) as entity,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as deal_id,
        cast(null as varchar) as decision,
        cast(null as varchar) as decided_by,
        cast(null as varchar) as why
    where false
{%- endmacro %}
