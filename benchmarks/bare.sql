-- Open amounts by customer and currency on one day, straight from a company folder's JSON files:
-- what a careful person would write once, by hand, for books they know to be clean. It keeps no
-- history, checks nothing, and forgoes documents; so it is a lower bound for a pipeline that does.
-- Applications move money only between customers here; within one they cancel.
with invoices as (
    from read_json($folder || '/Invoice.json', columns = {
        Id: 'varchar', TxnDate: 'date', TotalAmt: 'decimal(18, 2)', Deposit: 'decimal(18, 2)',
        CustomerRef: 'struct(value varchar)', CurrencyRef: 'struct(value varchar)'
    })
),

credit_memos as (
    from read_json($folder || '/CreditMemo.json', columns = {
        Id: 'varchar', TxnDate: 'date', TotalAmt: 'decimal(18, 2)',
        CustomerRef: 'struct(value varchar)', CurrencyRef: 'struct(value varchar)'
    })
),

payments as (
    from read_json($folder || '/Payment.json', columns = {
        TxnDate: 'date', TotalAmt: 'decimal(18, 2)',
        CustomerRef: 'struct(value varchar)', CurrencyRef: 'struct(value varchar)',
        Line: 'struct(Amount decimal(18, 2), LinkedTxn struct(TxnId varchar, TxnType varchar)[])[]'
    })
),

journal_entries as (
    from read_json($folder || '/JournalEntry.json', columns = {
        TxnDate: 'date', CurrencyRef: 'struct(value varchar)',
        Line: 'struct(Amount decimal(18, 2), JournalEntryLineDetail struct(PostingType varchar,
            AccountRef struct(value varchar), Entity struct(EntityRef struct(value varchar))))[]'
    })
),

deposits as (
    from read_json($folder || '/Deposit.json', columns = {
        TxnDate: 'date', CurrencyRef: 'struct(value varchar)',
        Line: 'struct(Amount decimal(18, 2), DepositLineDetail struct(
            AccountRef struct(value varchar), Entity struct(value varchar)))[]'
    })
),

purchases as (
    from read_json($folder || '/Purchase.json', columns = {
        TxnDate: 'date', CurrencyRef: 'struct(value varchar)', Credit: 'boolean',
        EntityRef: 'struct(value varchar)',
        Line: 'struct(Amount decimal(18, 2), AccountBasedExpenseLineDetail struct(
            AccountRef struct(value varchar), CustomerRef struct(value varchar)))[]'
    })
),

receivable_accounts as (
    select Id
    from read_json($folder || '/Account.json', columns = {Id: 'varchar', AccountType: 'varchar'})
    where AccountType = 'Accounts Receivable'
),

payment_links as (
    select TxnDate, CustomerRef, CurrencyRef, Amount, unnest(LinkedTxn, recursive := true)
    from (select TxnDate, CustomerRef, CurrencyRef, unnest(Line, recursive := true) from payments)
),

applications as (
    select
        links.CurrencyRef.value as currency,
        links.CustomerRef.value as payer,
        documents.CustomerRef.value as customer,
        case when links.TxnType = 'Invoice' then links.Amount else -links.Amount end as amount,
        greatest(links.TxnDate, documents.TxnDate) as day
    from payment_links as links
    inner join (
        select 'Invoice' as TxnType, Id as TxnId, TxnDate, CustomerRef from invoices
        union all
        select 'CreditMemo', Id, TxnDate, CustomerRef from credit_memos
    ) as documents using (TxnType, TxnId)
    where documents.CustomerRef.value <> links.CustomerRef.value
),

movements (customer, currency, day, amount) as (
    select CustomerRef.value, CurrencyRef.value, TxnDate, TotalAmt - coalesce(Deposit, 0)
    from invoices
    union all
    select CustomerRef.value, CurrencyRef.value, TxnDate, -TotalAmt from credit_memos
    union all
    select CustomerRef.value, CurrencyRef.value, TxnDate, -TotalAmt from payments
    union all
    select payer, currency, day, amount from applications
    union all
    select customer, currency, day, -amount from applications
    union all
    select
        posted.JournalEntryLineDetail.Entity.EntityRef.value, CurrencyRef.value, TxnDate,
        if(posted.JournalEntryLineDetail.PostingType = 'Debit', posted.Amount, -posted.Amount)
    from journal_entries, unnest(Line) as lines (posted)
    where posted.JournalEntryLineDetail.AccountRef.value in (from receivable_accounts)
    union all
    select posted.DepositLineDetail.Entity.value, CurrencyRef.value, TxnDate, -posted.Amount
    from deposits, unnest(Line) as lines (posted)
    where posted.DepositLineDetail.AccountRef.value in (from receivable_accounts)
    union all
    select
        coalesce(posted.AccountBasedExpenseLineDetail.CustomerRef.value, EntityRef.value),
        CurrencyRef.value, TxnDate, if(Credit, -posted.Amount, posted.Amount)
    from purchases, unnest(Line) as lines (posted)
    where posted.AccountBasedExpenseLineDetail.AccountRef.value in (from receivable_accounts)
)

select customer, currency, sum(amount) as open_amount
from movements
where day <= $as_of
group by all
having open_amount <> 0
order by all
