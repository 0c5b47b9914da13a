{#- The one staging model over several tables: a refused record of any object is looked up here. -#}
{{ latest_states('raw_quickbooks', [
    'customers', 'invoices', 'payments', 'credit_memos', 'journal_entries', 'deposits',
    'purchases', 'accounts', 'terms', 'company_info', 'preferences',
]) }}
