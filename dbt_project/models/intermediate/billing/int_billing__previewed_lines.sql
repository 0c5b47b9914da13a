{{ sales_lines_flattened(ref('int_billing__previewed_invoices'), 'billing_key') }}
