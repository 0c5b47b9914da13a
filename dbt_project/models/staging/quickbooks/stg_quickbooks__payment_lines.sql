{{ payment_lines_flattened(ref('stg_quickbooks__payments')) }}
