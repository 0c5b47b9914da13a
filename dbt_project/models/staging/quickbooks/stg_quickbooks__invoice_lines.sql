{{ sales_lines_flattened(ref('stg_quickbooks__invoices'), 'invoice_id') }}
