{#- What a person calls a document: "Invoice 1037 of 2026-03-10 over 100.00 EUR". -#}
{% macro document_name(documents) -%}
    upper(left({{ documents }}.document_type, 1))
    || substr(replace({{ documents }}.document_type, '_', ' '), 2)
    || ' ' || coalesce({{ documents }}.document_number, {{ documents }}.document_id)
    || ' of ' || {{ documents }}.txn_date
    || ' over ' || abs({{ documents }}.total) || ' ' || {{ documents }}.currency
{%- endmacro %}
