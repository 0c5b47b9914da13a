{#- The links of payments: one row per line of a payment and transaction that the line names. -#}
{% macro payment_lines_flattened(payments) -%}
    with lines as (
        select
            entity,
            payment_id,
            extracted_at,
            unnest(lines) as line,
            generate_subscripts(lines, 1) as line_position
        from {{ payments }}
    ),

    links as (
        select
            entity,
            payment_id,
            extracted_at,
            line_position,
            line.amount,
            unnest(line.linkedtxn) as link,
            generate_subscripts(line.linkedtxn, 1) as link_position
        from lines
    )

    select
        entity,
        payment_id,
        line_position,
        link_position,
        link.txnid as linked_transaction_id,
        link.txntype as linked_transaction_type,
        amount,
        extracted_at
    from links
{%- endmacro %}
