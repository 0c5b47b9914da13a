{#- What a person decided about a deal and an invoice, one row each. -#}
{% macro decided_links() -%}
    {{ decided(var('deal_links', []), {
        'entity': 'entity',
        'invoice_id': 'invoice_id',
        'deal_id': 'deal_id',
        'decision': 'decision',
        'decided_by': 'by',
        'why': 'why',
    }) }}
{%- endmacro %}
