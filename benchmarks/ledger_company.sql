-- Records of a company with a long history, made from their number alone, so that every machine has
-- the same. Invoice n is paid in two parts: by payment n and by the next payment of its customer.
-- Some carry a deposit or a credit memo; some payments hold more than they settle, some never come.

create temp macro number_of(kind, n) as
    case kind when 'payment' then 100000000 when 'credit_application' then 200000000
        when 'credit_memo' then 300000000 when 'journal_entry' then 400000000 else 0 end + n;

create temp table company as
select
    n,
    n % 4000 + 1 as customer,
    if(n % 4000 % 10 = 0, 'EUR', 'USD') as currency,
    if(n % 4000 % 10 = 0, 1.05 + n % 97 / 1000, 1)::decimal(18, 4) as rate,
    date '2023-05-01' + (n * 1095 // getvariable('invoices'))::integer as txn_date,
    (50 + n * 7919 % 200000 / 100)::decimal(18, 2) as total,
    if(n % 20 = 3, 12.5, 0)::decimal(18, 2) as credited,
    if(n % 20 = 7, 17.5, 0)::decimal(18, 2) as deposited,
    if(n % 100 = 1, 10, 0)::decimal(18, 2) as unapplied,
    ((total - credited - deposited) / 3)::decimal(18, 2) as first_part,
    (total - credited - deposited - first_part)::decimal(18, 2) as second_part,
    if(n % 200 = 0, null, txn_date + (20 + n * 31 % 50)::integer) as paid_on,
    if(credited > 0, txn_date + 10, null) as credited_on,
    json_object('value', customer::varchar, 'name', 'Customer ' || customer || ' & Sons, Inc.')
        as customer_ref,
    json_object('value', currency) as currency_ref
from range(1, getvariable('last_invoice') + 1) as numbers(n);

create temp macro sold(amount) as json_object(
    'Id', '1', 'LineNum', 1, 'Amount', amount, 'DetailType', 'SalesItemLineDetail',
    'Description', 'Installation and maintenance, as agreed in the order of the month',
    'SalesItemLineDetail', json_object(
        'ItemRef', json_object('value', '7', 'name', 'Installation'), 'Qty', 1,
        'UnitPrice', amount, 'TaxCodeRef', json_object('value', 'NON'),
        'ItemAccountRef', json_object('value', '45', 'name', 'Landscaping Services')
    )
);

create temp macro linked(amount, kind, id) as json_object(
    'Amount', amount, 'LinkedTxn', [json_object('TxnId', id::varchar, 'TxnType', kind)],
    'LineEx', json_object('any', [json_object(
        'name', '{http://schema.intuit.com/finance/v3}NameValue',
        'declaredType', 'com.intuit.schema.finance.v3.NameValue',
        'value', json_object('Name', 'txnId', 'Value', id::varchar)
    )])
);

create temp macro invoices_made(total_change, days_later) as table
select
    n,
    n::varchar as record_id,
    json_object(
        'domain', 'QBO', 'sparse', false, 'Id', n::varchar, 'SyncToken', '0',
        'AllowIPNPayment', false, 'AllowOnlinePayment', false, 'AllowOnlineACHPayment', false,
        'MetaData', json_object('CreateTime', txn_date || 'T14:49:30-08:00',
            'LastUpdatedTime', txn_date || 'T14:49:30-08:00'),
        'CustomField', [json_object('DefinitionId', '1', 'Name', 'Crew #', 'Type', 'StringType')],
        'DocNumber', (100000 + n)::varchar, 'TxnDate', txn_date + days_later,
        'CurrencyRef', currency_ref, 'ExchangeRate', rate,
        'LinkedTxn', [json_object('TxnId', number_of('payment', n)::varchar, 'TxnType', 'Payment')],
        'Line', [sold(first_part), sold(second_part), json_object('Amount', total,
            'DetailType', 'SubTotalLineDetail', 'SubTotalLineDetail', json_object())],
        'TxnTaxDetail', json_object('TotalTax', 0), 'CustomerRef', customer_ref,
        'CustomerMemo', json_object('value', 'Thank you for your business and have a great day!'),
        'BillAddr', json_object('Id', (n + 7)::varchar, 'Line1', customer_ref ->> 'name',
            'Line2', n % 9999 || ' Main Street', 'City', 'Half Moon Bay',
            'CountrySubDivisionCode', 'CA', 'PostalCode', (90000 + n % 6000)::varchar),
        'SalesTermRef', json_object('value', (3 + n % 3)::varchar, 'name', 'Net 30'),
        'DueDate', if(n % 4 = 0, null, txn_date + 30), 'TotalAmt', total + total_change,
        'Deposit', deposited, 'ApplyTaxAfterDiscount', false, 'PrintStatus', 'NeedToPrint',
        'EmailStatus', 'NotSet', 'Balance', 0
    ) as payload
from company;

create temp macro payment_made(n, kind, day, amount, unapplied, customer, currency, rate, links) as
json_object(
    'domain', 'QBO', 'sparse', false, 'Id', number_of(kind, n)::varchar, 'SyncToken', '0',
    'MetaData', json_object('CreateTime', day || 'T10:00:00-08:00',
        'LastUpdatedTime', day || 'T10:00:00-08:00'),
    'CurrencyRef', currency, 'ExchangeRate', rate, 'CustomerRef', customer, 'TxnDate', day,
    'TotalAmt', amount, 'UnappliedAmt', unapplied, 'ProcessPayment', false, 'Line', links,
    'DepositToAccountRef', json_object('value', '4'), 'LinkedTxn', []
);

create temp macro payments_made(days_later) as table
select
    current_part.n,
    number_of('payment', current_part.n)::varchar as record_id,
    current_part.paid_on,
    payment_made(
        current_part.n, 'payment', paid_on + days_later,
        current_part.first_part + coalesce(earlier_part.second_part, 0) + unapplied, unapplied,
        customer_ref, currency_ref, rate,
        list_filter([
            linked(current_part.first_part, 'Invoice', current_part.n),
            if(earlier_part.n is null, null,
                linked(earlier_part.second_part, 'Invoice', earlier_part.n))
        ], lambda link: link is not null)
    ) as payload
from company as current_part
left join (select n, second_part from company) as earlier_part
    on current_part.n - 4000 = earlier_part.n
where paid_on is not null;

create temp macro credits_made() as table
select
    'credit_memos' as object,
    number_of('credit_memo', n)::varchar as record_id,
    credited_on,
    json_object(
        'domain', 'QBO', 'Id', number_of('credit_memo', n)::varchar, 'DocNumber', 'C' || n,
        'TxnDate', txn_date + 9, 'CurrencyRef', currency_ref, 'ExchangeRate', rate,
        'Line', [sold(credited)], 'CustomerRef', customer_ref, 'TotalAmt', credited
    ) as payload
from company where credited > 0
union all by name
select
    'payments' as object,
    number_of('credit_application', n)::varchar as record_id,
    credited_on,
    payment_made(
        n, 'credit_application', credited_on, 0, 0, customer_ref, currency_ref, rate,
        [linked(credited, 'Invoice', n), linked(credited, 'CreditMemo', number_of('credit_memo', n))]
    ) as payload
from company where credited > 0;

create temp macro journal_line(posting, amount, account, customer) as json_object(
    'Id', posting, 'Amount', amount, 'DetailType', 'JournalEntryLineDetail',
    'JournalEntryLineDetail', json_object('PostingType', posting, 'AccountRef',
        json_object('value', account), 'Entity', json_object('Type', 'Customer', 'EntityRef',
            json_object('value', customer::varchar)))
);

create temp macro journal_entries_made() as table
select
    number_of('journal_entry', n)::varchar as record_id,
    json_object(
        'Id', number_of('journal_entry', n)::varchar, 'TxnDate', txn_date,
        'CurrencyRef', json_object('value', 'USD'), 'ExchangeRate', 1, 'Line', [
            journal_line(if(n % 100 = 2, 'Debit', 'Credit'), 5 + n % 50, '84', customer),
            journal_line(if(n % 100 = 2, 'Credit', 'Debit'), 5 + n % 50, '45', customer)
        ]
    ) as payload
from company where n % 50 = 2;

create temp macro lists_made() as table
select 'customers' as object, n::varchar as record_id, json_object('Id', n::varchar, 'DisplayName',
    'Customer ' || n || ' & Sons, Inc.', 'Active', true, 'CurrencyRef',
    json_object('value', if((n - 1) % 10 = 0, 'EUR', 'USD'))) as payload
from range(1, 4001) as numbers(n)
union all
select 'terms', (n + 2)::varchar, json_object('Id', (n + 2)::varchar, 'Name', 'Net', 'DueDays',
    [30, 15, 0][n])
from range(1, 4) as numbers(n)
union all
select 'accounts', id, json_object('Id', id, 'AccountType', kind, 'Active', true)
from (values ('84', 'Accounts Receivable'), ('45', 'Income'), ('4', 'Bank')) as chart(id, kind)
union all
select 'preferences', '1', '{"CurrencyPrefs":{"HomeCurrency":{"value":"USD"}}}'
union all
select 'company_info', '1', '{"CompanyName":"Long History"}';
