{#- A list of words of the policy, as a SQL list of texts. -#}
{% macro text_list(words) -%}
    cast([
        {%- for word in words -%}
            '{{ word | replace("'", "''") }}'{{ ', ' if not loop.last }}
        {%- endfor -%}
    ] as varchar[])
{%- endmacro %}
