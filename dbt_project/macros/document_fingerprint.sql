{#-
    Of all that a document's part in receivables rests on: itself, what its customer's record and
    the lists say of it, and of a payment its version, for its links. The rows are those of
    `int_ledger__documents_posted`.
-#}
{% macro document_fingerprint(posted) -%}
    hash({{ posted }})
{%- endmacro %}
