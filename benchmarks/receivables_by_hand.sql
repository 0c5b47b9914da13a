-- What a person would write for the company of ledger_company.sql: what is open at each date, straight
-- from the payloads. It knows that no link exceeds a total and that journal lines stay open; it keeps
-- nothing for another day and checks nothing.
with invoices as (
    select record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)", "Deposit": "DECIMAL(18,2)"
    }'))
    from raw.raw_quickbooks.invoices
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
),

credit_memos as (
    select record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)"
    }'))
    from raw.raw_quickbooks.credit_memos
),

payments as (
    select record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)", "Line": [{
            "Amount": "DECIMAL(18,2)", "LinkedTxn": [{"TxnId": "VARCHAR"}]
        }]
    }'))
    from raw.raw_quickbooks.payments
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
),

journal_lines as (
    select record_id, TxnDate, unnest(Line) as line
    from (
        select record_id, unnest(json_transform(payload, '{
            "TxnDate": "DATE", "Line": [{"Id": "VARCHAR", "Amount": "DECIMAL(18,2)",
                "JournalEntryLineDetail": {
                    "PostingType": "VARCHAR", "AccountRef": {"value": "VARCHAR"}
                }
            }]
        }'))
        from raw.raw_quickbooks.journal_entries
    )
),

documents as (
    select 'invoice' as document_type, record_id, TxnDate as txn_date, TotalAmt - Deposit as amount
    from invoices
    union all
    select 'credit_memo', record_id, TxnDate, -TotalAmt from credit_memos
    union all
    select 'payment', record_id, TxnDate, -TotalAmt from payments
    union all
    select
        'journal_entry',
        record_id || '-' || line.Id,
        TxnDate,
        if(line.JournalEntryLineDetail.PostingType = 'Debit', line.Amount, -line.Amount)
    from journal_lines where line.JournalEntryLineDetail.AccountRef.value = '84'
),

links as (
    select record_id, TxnDate, TotalAmt, line.Amount as amount, line.LinkedTxn[1].TxnId as linked_id
    from (select record_id, TxnDate, TotalAmt, unnest(Line) as line from payments)
),

applications as (
    select
        links.record_id, links.TotalAmt, links.linked_id, documents.document_type, links.amount,
        greatest(links.TxnDate, documents.txn_date) as effective_date
    from links
    inner join documents
        on links.linked_id = documents.record_id
        and documents.document_type in ('invoice', 'credit_memo')
),

movements as (
    select document_type, record_id, txn_date as movement_date, amount from documents
    union all
    select
        document_type, linked_id, effective_date, if(document_type = 'invoice', -amount, amount)
    from applications
    union all
    select 'payment', record_id, effective_date, amount from applications where TotalAmt > 0
)

select as_of_date, document_type, record_id as document_id, sum(amount)::decimal(18, 2) as open_amount
from movements
inner join (select unnest($dates::date[]) as as_of_date) on movement_date <= as_of_date
group by all
having sum(amount) <> 0
