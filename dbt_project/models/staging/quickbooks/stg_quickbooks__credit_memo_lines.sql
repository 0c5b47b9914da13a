{{ sales_lines_flattened(ref('stg_quickbooks__credit_memos'), 'credit_memo_id') }}
