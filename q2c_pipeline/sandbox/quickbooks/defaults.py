"""What a company has without saying so: company info, preferences, two tax codes, last ids.

Belongs here: records that are made up because the folder leaves them out. Does not belong here:
anything that a folder did say.
"""

from dataclasses import dataclass, field

from q2c_pipeline.sandbox.company import Company
from q2c_pipeline.sandbox.quickbooks.entities import find_entity
from q2c_pipeline.sandbox.quickbooks.wire import Payload, parse, record_time, write
from q2c_pipeline.sandbox.quickbooks.writing import numbering
from q2c_pipeline.sandbox.store import Store


@dataclass
class Habits:
    """What a realm's records tell of its preferences where no preferences were recorded."""

    currencies: set[str] = field(default_factory=set)
    has_sales_tax: bool = False


PSEUDO_TAX_CODES = {"TAX": True, "NON": False}


def entity_name(text: str) -> str | None:
    """The vendor's spelling of an entity's name; None if there is no such entity."""
    entity = find_entity(text)
    return entity.name if entity else None


def fill(store: Store, company: Company, realm_id: str, habits: Habits) -> None:
    """Give a freshly loaded realm what it lacks, in keeping with its records."""
    if not _has(store, realm_id, "CompanyInfo"):
        _put(store, company, realm_id, "CompanyInfo", _company_info(company))
    if not _has(store, realm_id, "Preferences"):
        habits.currencies |= _listed_currencies(store, realm_id)
        _put(store, company, realm_id, "Preferences", _preferences(company, habits))
    if company.home_currency == "USD":
        for code, is_taxable in PSEUDO_TAX_CODES.items():
            if store.get("quickbooks", realm_id, "TaxCode", code) is None:
                _put(store, company, realm_id, "TaxCode", _pseudo_tax_code(code, is_taxable))
    numbering.remember_last_ids(store, realm_id)


def _company_info(company: Company) -> Payload:
    info: Payload = {
        "CompanyName": company.name,
        "LegalName": company.name,
        "CompanyAddr": {"Id": "1"},
        "FiscalYearStartMonth": "January",
        "DefaultTimeZone": company.time_zone.key,
        "NameValue": [],
        "Id": "1",
        "SyncToken": "0",
    }
    if company.home_currency == "USD":
        info["Country"] = "USA"
    return info


def _preferences(company: Company, habits: Habits) -> Payload:
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
        },
        "SalesFormsPrefs": {
            "CustomField": [],
            "CustomTxnNumbers": False,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "AllowServiceDate": False,
            "AllowShipping": False,
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
        },
        "TaxPrefs": {"UsingSalesTax": habits.has_sales_tax, "PartnerTaxEnabled": False},
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": not habits.currencies <= {company.home_currency},
            "HomeCurrency": {"value": company.home_currency},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": []},
        "Id": "1",
        "SyncToken": "0",
    }


def _pseudo_tax_code(code: str, is_taxable: bool) -> Payload:
    return {
        "Name": code,
        "Description": code,
        "Active": True,
        "Taxable": is_taxable,
        "TaxGroup": is_taxable,
        "Id": code,
    }


def _put(store: Store, company: Company, realm_id: str, entity: str, payload: Payload) -> None:
    moment = record_time(company.clock)
    payload |= {
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"CreateTime": moment, "LastUpdatedTime": moment},
    }
    store.put("quickbooks", realm_id, entity, payload["Id"], write(payload), company.clock)


def _has(store: Store, realm_id: str, entity: str) -> bool:
    found = store.records("quickbooks", realm_id, [entity])
    return next(found, None) is not None


def _listed_currencies(store: Store, realm_id: str) -> set[str]:
    listed = store.records("quickbooks", realm_id, ["CompanyCurrency"])
    return {str(parse(record.payload).get("Code")) for record in listed}
