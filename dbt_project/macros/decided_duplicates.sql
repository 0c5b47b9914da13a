{#- What a person decided about two customer records, one row each; left_key < right_key. -#}
{% macro decided_duplicates() -%}
    {{ decided(var('duplicate_decisions', []), {
        'left_key': 'left',
        'right_key': 'right',
        'decision': 'decision',
        'decided_by': 'by',
        'why': 'why',
    }) }}
{%- endmacro %}
