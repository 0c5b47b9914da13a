with latest as (
    {{ latest_versions(source('raw_quickbooks', 'preferences')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "CurrencyPrefs": {"MultiCurrencyEnabled": "BOOLEAN", "HomeCurrency": {"value": "VARCHAR"}},
            "ReportPrefs": {"ReportBasis": "VARCHAR", "CalcAgingReportFromTxnDate": "BOOLEAN"}
        }') as preference
    from latest
)

select
    entity,
    preference.currencyprefs.homecurrency.value as home_currency,
    preference.reportprefs.reportbasis as report_basis,
    preference.currencyprefs.multicurrencyenabled as is_multicurrency,
    preference.reportprefs.calcagingreportfromtxndate as is_aged_from_txn_date,
    extracted_at
from parsed
