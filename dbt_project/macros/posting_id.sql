{#-
    The id of a line that posts to receivables: the transaction's own where it is the only such
    line, as for any other document, else with the line, so that no two are alike.
-#}
{% macro posting_id(transaction_id, line_id) -%}
    case
        when count(*) over (partition by entity, {{ transaction_id }}) = 1 then {{ transaction_id }}
        else {{ transaction_id }} || '-' || {{ line_id }}
    end
{%- endmacro %}
