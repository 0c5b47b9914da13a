-- What a person would write for the company of bridge_company.sql: bookings, billings and cash of each
-- month at home, straight from the payloads. It knows that only two currencies occur and that nothing
-- is refunded; it explains no difference, keeps nothing for another day and checks nothing.
with opportunities as (
    select record_id, unnest(json_transform(payload, '{
        "Amount": "DECIMAL(18,2)", "CurrencyIsoCode": "VARCHAR", "CloseDate": "DATE",
        "IsWon": "BOOLEAN"
    }'))
    from raw.raw_salesforce.opportunities
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
),

rates as (
    select unnest(json_transform(payload, '{
        "SourceCurrencyCode": "VARCHAR", "AsOfDate": "DATE", "Rate": "DECIMAL(20,8)"
    }'))
    from raw.raw_quickbooks.exchange_rates
),

documents as (
    select 'B' as section, record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)", "ExchangeRate": "DECIMAL(20,8)"
    }'))
    from raw.raw_quickbooks.invoices
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
    union all
    select 'C' as section, record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)", "ExchangeRate": "DECIMAL(20,8)"
    }'))
    from raw.raw_quickbooks.payments
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
    union all
    select 'C' as section, record_id, unnest(json_transform(payload, '{
        "TxnDate": "DATE", "TotalAmt": "DECIMAL(18,2)", "ExchangeRate": "DECIMAL(20,8)"
    }'))
    from raw.raw_quickbooks.sales_receipts
    qualify row_number() over (partition by record_id order by version desc) = 1 and not is_deleted
),

amounts as (
    select
        'A' as section,
        CloseDate as day,
        Amount * if(CurrencyIsoCode = 'USD', 1, rates.Rate) as amount_home
    from opportunities
    asof left join rates
        on opportunities.CurrencyIsoCode = rates.SourceCurrencyCode
        and opportunities.CloseDate >= rates.AsOfDate
    where IsWon
    union all
    select section, TxnDate, TotalAmt * ExchangeRate from documents
)

select
    date_trunc('month', day)::date as month,
    section,
    sum(round(amount_home, 2))::decimal(18, 2) as amount_home
from amounts
where day <= $as_of_date
group by all
