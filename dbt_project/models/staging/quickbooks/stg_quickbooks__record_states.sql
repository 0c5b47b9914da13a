{#- The one staging model over several tables: a refused record of any object is looked up here. -#}
{{ latest_states('raw_quickbooks', [
    'customers', 'invoices', 'payments', 'credit_memos', 'journal_entries', 'deposits',
    'purchases', 'sales_receipts', 'refund_receipts', 'estimates', 'accounts', 'terms', 'items',
    'classes', 'departments', 'payment_methods', 'company_currencies', 'tax_codes', 'tax_rates',
    'tax_agencies', 'vendors', 'employees', 'exchange_rates', 'company_info', 'preferences',
]) }}
