-- Records of a company with deals and their books, made from their number alone, so that every
-- machine has the same. What becomes of deal n stands in its habit, n modulo 20: up to 11 it is won
-- and billed in four invoices of four lines, up to 14 won and not billed, up to 17 lost, else open.
-- One more invoice in ten deals belongs to none.

create temp macro opportunity_of(n) as lpad(n::varchar, 15, '006000000000000');
create temp macro rate_of(currency, day) as
    if(currency = 'EUR', 1.05 + (year(day) * 12 + month(day)) % 20 / 1000, 1)::decimal(18, 4);
create temp macro moment_of(day) as day::date || 'T09:00:00.000+0000';

create temp table deals as
select
    n,
    n % 20 as habit,
    (n + n // (getvariable('deals') // 25)) % (getvariable('deals') // 25) + 1 as customer,
    if(customer % 10 = 0, 'EUR', 'USD') as currency,
    case
        when habit >= 18 then getvariable('as_of_date')::date - 60 + (n % 50)::integer
        else date '2023-05-01' + (n * 900 // getvariable('deals'))::integer
    end as created_on,
    if(habit >= 18, created_on + 45, created_on + (n * 31 % 90)::integer) as close_date,
    case when habit < 15 then 'Closed Won' when habit < 18 then 'Closed Lost' else 'Proposal' end
        as stage,
    (select list(n * 10 + k order by k) from range(1, 5) as invoices(k) where habit < 12) as invoices
from range(1, getvariable('last_deal') + 1) as numbers(n);

create temp table deal_lines as
select
    deals.n,
    i,
    (n * 4 + i) % 200 + 1 as item,
    (4 * (1 + (n + i) % 5))::integer as quantity,
    (10 + item * 7 % 400 + item % 4 / 4)::decimal(18, 2) as price,
    quantity * price as amount
from deals cross join range(1, 5) as positions(i);

create temp table amounts as
select n, sum(amount)::decimal(18, 2) as amount from deal_lines group by n;

-- As booked, but for habit 3, billed at another price, and habit 5, of which a piece more is billed.
create temp table invoice_lines as
select
    n * 10 + k as invoice,
    i,
    item,
    quantity // 4 + if(habit = 5 and k = 4 and i = 1, 1, 0) as billed,
    if(habit = 3, price * 1.05, price)::decimal(18, 2) as billed_price,
    (billed * billed_price)::decimal(18, 2) as amount
from deals inner join deal_lines using (n) cross join range(1, 5) as invoices(k)
where habit < 12
union all
select n * 10 + 9, i, item, quantity, price, amount
from deal_lines where n % 10 = 0;

create temp table invoices as
select
    n * 10 + k as invoice,
    n,
    k,
    habit,
    customer,
    currency,
    close_date + if(k = 9, 12, 25 * k - 22)::integer as txn_date,
    net,
    if(n % 3 = 0, net * 0.08, 0)::decimal(18, 2) as tax,
    net + tax as total,
    if(habit = 4 and k = 3, 12.5, 0)::decimal(18, 2) as credited,
    if(n % 100 = 1 and k = 1, 10, 0)::decimal(18, 2) as unapplied,
    if(n % 50 = 7 and k = 4, null, txn_date + (20 + (n * 31 + k * 7) % 50)::integer) as paid_on,
    json_object('value', customer::varchar, 'name', 'Customer ' || customer) as customer_ref,
    json_object('value', currency) as currency_ref
from deals
inner join (
    select invoice // 10 as n, invoice % 10 as k, sum(amount)::decimal(18, 2) as net
    from invoice_lines group by all
) using (n);

create temp table invoice_line_lists as
select
    invoice,
    list(json_object(
        'Id', i::varchar, 'LineNum', i, 'Amount', amount, 'DetailType', 'SalesItemLineDetail',
        'Description', 'Product ' || item || ', as agreed in the order',
        'SalesItemLineDetail', json_object(
            'ItemRef', json_object('value', item::varchar, 'name', 'Product ' || item),
            'Qty', billed, 'UnitPrice', billed_price, 'TaxCodeRef', json_object('value', 'NON'),
            'ItemAccountRef', json_object('value', '45', 'name', 'Sales')
        )
    ) order by i) as lines
from invoice_lines group by invoice;

create temp macro invoices_made(days_later) as table
select
    n,
    invoice::varchar as record_id,
    txn_date,
    json_object(
        'domain', 'QBO', 'sparse', false, 'Id', invoice::varchar, 'SyncToken', '0',
        'MetaData', json_object('CreateTime', moment_of(txn_date),
            'LastUpdatedTime', moment_of(txn_date)),
        'CustomField', [json_object('DefinitionId', '1', 'Name', 'P.O. Number', 'Type', 'StringType',
            'StringValue', if(habit = 9, 'PO-' || n, null))],
        'DocNumber', (1000000 + invoice)::varchar, 'TxnDate', txn_date + days_later,
        'CurrencyRef', currency_ref, 'ExchangeRate', rate_of(currency, txn_date + days_later),
        'LinkedTxn', [json_object('TxnId', (100000000 + invoice)::varchar, 'TxnType', 'Payment')],
        'Line', lines, 'TxnTaxDetail', json_object('TotalTax', tax), 'CustomerRef', customer_ref,
        'CustomerMemo', json_object('value', 'Thank you for your business and have a great day!'),
        'BillAddr', json_object('Line1', 'Customer ' || customer, 'City', 'Half Moon Bay',
            'CountrySubDivisionCode', 'CA', 'PostalCode', (90000 + n % 6000)::varchar),
        'SalesTermRef', json_object('value', '3', 'name', 'Net 30'), 'DueDate', txn_date + 30,
        'TotalAmt', total, 'EmailStatus', 'EmailSent', 'Balance', 0
    ) as payload
from invoices inner join invoice_line_lists using (invoice);

create temp macro linked(amount, kind, id) as json_object(
    'Amount', amount, 'LinkedTxn', [json_object('TxnId', id::varchar, 'TxnType', kind)]
);

create temp macro receipt_made(id, day, customer, currency_ref, currency, amount, links) as
json_object(
    'domain', 'QBO', 'sparse', false, 'Id', id::varchar, 'SyncToken', '0', 'TxnDate', day,
    'MetaData', json_object('CreateTime', moment_of(day), 'LastUpdatedTime', moment_of(day)),
    'CurrencyRef', currency_ref, 'ExchangeRate', rate_of(currency, day), 'CustomerRef', customer,
    'TotalAmt', amount, 'Line', links, 'DepositToAccountRef', json_object('value', '4')
);

create temp macro receipts_made() as table
select
    n,
    'payments' as object,
    (100000000 + invoice)::varchar as record_id,
    paid_on as received_on,
    receipt_made(100000000 + invoice, paid_on, customer_ref, currency_ref, currency,
        total - credited + unapplied, [linked(total - credited, 'Invoice', invoice)]) as payload
from invoices where paid_on is not null
union all by name
select
    n,
    'credit_memos' as object,
    (300000000 + invoice)::varchar as record_id,
    txn_date + 9 as received_on,
    receipt_made(300000000 + invoice, txn_date + 9, customer_ref, currency_ref, currency, credited,
        []) as payload
from invoices where credited > 0
union all by name
select
    n,
    'payments' as object,
    (200000000 + invoice)::varchar as record_id,
    txn_date + 10 as received_on,
    receipt_made(200000000 + invoice, txn_date + 10, customer_ref, currency_ref, currency, 0, [
        linked(credited, 'Invoice', invoice), linked(credited, 'CreditMemo', 300000000 + invoice)
    ]) as payload
from invoices where credited > 0
union all by name
select
    n,
    'sales_receipts' as object,
    (400000000 + n)::varchar as record_id,
    created_on as received_on,
    receipt_made(400000000 + n, created_on, json_object('value', customer::varchar),
        json_object('value', currency), currency, 20 + n % 100, []) as payload
from deals where habit = 17;

create temp macro opportunities_made(days_later, changed_on) as table
select
    n,
    opportunity_of(n) as record_id,
    json_object(
        'Id', opportunity_of(n), 'IsDeleted', false, 'AccountId', '001' || customer,
        'Name', 'Customer ' || customer || ', order ' || n, 'StageName', stage, 'Amount', amount,
        'CurrencyIsoCode', currency, 'CloseDate', close_date + days_later,
        'Probability', case habit // 3 when 6 then 50 when 5 then 0 else 100 end,
        'IsClosed', habit < 18, 'IsWon', habit < 15, 'HasOpportunityLineItem', true,
        'Type', if(n % 3 = 0, 'New Customer', 'Renewal'),
        'LeadSource', ['Web', 'Partner', 'Event'][1 + n % 3],
        'OwnerId', '005' || n % 20, 'CreatedDate', moment_of(created_on),
        'LastModifiedDate', moment_of(coalesce(changed_on, seen_on)),
        'SystemModstamp', moment_of(coalesce(changed_on, seen_on)),
        'PO_Number__c', if(habit = 9, 'PO-' || n, null),
        'QBO_Invoice_Ids__c', if(habit < 9, array_to_string(invoices, ';'), null)
    ) as payload
from (select *, if(habit < 18, close_date, created_on + 22) as seen_on from deals)
inner join amounts using (n);

create temp macro deal_records_made() as table
select
    n,
    'opportunity_line_items' as object,
    '00k' || n || '-' || i as record_id,
    json_object(
        'Id', '00k' || n || '-' || i, 'IsDeleted', false, 'OpportunityId', opportunity_of(n),
        'Product2Id', '01t' || item, 'ProductCode', 'P' || item, 'Name', 'Product ' || item,
        'Quantity', quantity, 'UnitPrice', price, 'TotalPrice', amount, 'SortOrder', i,
        'CurrencyIsoCode', currency, 'CreatedDate', moment_of(created_on),
        'LastModifiedDate', moment_of(created_on), 'SystemModstamp', moment_of(created_on)
    ) as payload
from deal_lines inner join deals using (n)
union all
select
    n,
    'opportunity_history',
    '008' || n || '-' || step,
    json_object(
        'Id', '008' || n || '-' || step, 'IsDeleted', false, 'OpportunityId', opportunity_of(n),
        'StageName', [['Prospecting'], ['Proposal'], [stage]][step][1],
        'Amount', (amount * [0.8, 1, 1][step])::decimal(18, 2),
        'CloseDate', close_date + ([n % 3 * 30 - 30, if(n % 4 = 0, 31, 0), 0][step])::integer,
        'ForecastCategory', if(step < 3 or habit >= 18, 'Pipeline', 'Closed'),
        'CurrencyIsoCode', currency,
        'CreatedDate', moment_of(created_on + ((close_date - created_on) * (step - 1) // 2)::integer),
        'SystemModstamp',
        moment_of(created_on + ((close_date - created_on) * (step - 1) // 2)::integer)
    )
from deals inner join amounts using (n)
cross join range(1, 4) as steps(step)
where step < 3 or habit < 18;

create temp macro crm_lists_made() as table
select 'accounts' as object, '001' || customer as record_id, json_object(
    'Id', '001' || customer, 'IsDeleted', false, 'Name', 'Customer ' || customer,
    'QBO_Customer_Id__c', customer::varchar, 'BillingState', ['CA', 'NY', 'TX'][1 + customer % 3],
    'SystemModstamp', '2023-04-01T09:00:00.000+0000') as payload
from range(1, getvariable('deals') // 25 + 1) as customers(customer)
union all
select 'products', '01t' || item, json_object('Id', '01t' || item, 'Name', 'Product ' || item,
    'ProductCode', 'P' || item, 'IsActive', true, 'SystemModstamp', '2023-04-01T09:00:00.000+0000')
from range(1, 201) as items(item)
union all
select 'users', '005' || rep, json_object('Id', '005' || rep, 'Name', 'Rep ' || rep,
    'IsActive', true, 'SystemModstamp', '2023-04-01T09:00:00.000+0000')
from range(20) as reps(rep);

create temp macro book_lists_made() as table
select 'customers' as object, customer::varchar as record_id, json_object(
    'Id', customer::varchar, 'DisplayName', 'Customer ' || customer, 'Active', true,
    'CurrencyRef', json_object('value', if(customer % 10 = 0, 'EUR', 'USD'))) as payload
from range(1, getvariable('deals') // 25 + 1) as customers(customer)
union all
select 'items', item::varchar, json_object('Id', item::varchar, 'Name', 'Product ' || item,
    'Sku', 'P' || item, 'Type', 'Service', 'Active', true)
from range(1, 201) as items(item)
union all
select 'exchange_rates', 'EUR-' || day::date, json_object('SourceCurrencyCode', 'EUR',
    'AsOfDate', day::date, 'Rate', rate_of('EUR', day::date))
from generate_series(timestamp '2023-05-01', getvariable('as_of_date')::timestamp, interval 1 month)
    as months(day)
union all
select 'terms', '3', '{"Id": "3", "Name": "Net 30", "DueDays": 30}'
union all
select 'accounts', id, json_object('Id', id, 'AccountType', kind, 'Active', true)
from (values ('84', 'Accounts Receivable'), ('45', 'Income'), ('4', 'Bank')) as chart(id, kind)
union all
select 'preferences', '1', '{"CurrencyPrefs":{"HomeCurrency":{"value":"USD"}}}'
union all
select 'company_info', '1', '{"CompanyName":"Many Deals"}'
