{#- The transaction type that a payment's link names, in our words; null where it is no receivable. -#}
{% macro linked_transaction_type(linked_type) -%}
    case {{ linked_type }}
        when 'Invoice' then 'invoice'
        when 'CreditMemo' then 'credit_memo'
        when 'JournalEntry' then 'journal_entry'
        when 'Deposit' then 'deposit'
        when 'Check' then 'purchase'
        when 'Expense' then 'purchase'
        when 'CreditCardCredit' then 'purchase'
        when 'Purchase' then 'purchase'
    end
{%- endmacro %}
