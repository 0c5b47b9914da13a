{#- The words of a text that are as long as a Salesforce id: 15 characters, or 18 with its check. -#}
{% macro words_like_ids(text) -%}
    list_distinct(regexp_extract_all({{ text }}, '\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b'))
{%- endmacro %}
