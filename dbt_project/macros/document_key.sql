{#- A number of an order or a document as two people write it alike: no case, spaces, zeros ahead. -#}
{% macro document_key(number) -%}
    nullif(ltrim(regexp_replace(lower({{ number }}), '\s', '', 'g'), '0'), '')
{%- endmacro %}
