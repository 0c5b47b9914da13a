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
            "AccountingInfoPrefs": {
                "BookCloseDate": "DATE",
                "ClassTrackingPerTxn": "BOOLEAN",
                "ClassTrackingPerTxnLine": "BOOLEAN",
                "TrackDepartments": "BOOLEAN"
            },
            "SalesFormsPrefs": {
                "CustomTxnNumbers": "BOOLEAN",
                "AllowDiscount": "BOOLEAN",
                "AllowServiceDate": "BOOLEAN",
                "CustomField": [{
                    "CustomField": [
                        {"Name": "VARCHAR", "StringValue": "VARCHAR", "BooleanValue": "BOOLEAN"}
                    ]
                }]
            },
            "TaxPrefs": {
                "UsingSalesTax": "BOOLEAN",
                "PartnerTaxEnabled": "BOOLEAN",
                "TaxGroupCodeRef": {"value": "VARCHAR"}
            },
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
    preference.accountinginfoprefs.classtrackingpertxn as has_class_on_invoice,
    preference.accountinginfoprefs.classtrackingpertxnline as has_class_on_line,
    preference.accountinginfoprefs.trackdepartments as tracks_departments,
    preference.accountinginfoprefs.bookclosedate as book_close_date,
    preference.salesformsprefs.customtxnnumbers as numbers_by_hand,
    preference.salesformsprefs.allowdiscount as allows_discounts,
    preference.salesformsprefs.allowservicedate as allows_service_dates,
    flatten(
        [slots.customfield for slots in coalesce(preference.salesformsprefs.customfield, [])]
    ) as sales_form_fields,
    preference.taxprefs.usingsalestax as uses_sales_tax,
    preference.taxprefs.partnertaxenabled as is_sales_tax_automatic,
    preference.taxprefs.taxgroupcoderef.value as usual_tax_code_id,
    extracted_at
from parsed
