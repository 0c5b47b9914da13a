{#- The first and last day that a line's description names, as the policy says it names them. -#}
{% macro service_period(description) -%}
    regexp_extract(
        {{ description }},
        '{{ var("service_period_pattern") | replace("'", "''") }}',
        ['starts_on', 'ends_on']
    )
{%- endmacro %}
