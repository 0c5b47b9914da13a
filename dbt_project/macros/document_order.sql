{#-
    Text by which QuickBooks ids sort as the numbers they look like: "99" before "100". Ids are
    text of any length up to 19 digits; an id that is no number sorts by its characters.
-#}
{% macro document_order(transaction_id, line_id="''") -%}
    lpad({{ transaction_id }}, 20, '0') || lpad(coalesce({{ line_id }}, ''), 10, '0')
{%- endmacro %}
