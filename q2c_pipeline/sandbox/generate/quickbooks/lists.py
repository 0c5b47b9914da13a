"""QuickBooks' lists and the company's own records, in wire form.

Belongs here: customers, items, accounts, terms, taxes, rates, staff, settings. Does not belong
here: transactions (``transactions.py``).
"""

import json
from collections.abc import Callable, Iterator

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import JournalEntry
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, day_text, moment_text
from q2c_pipeline.sandbox.generate.money import amount_text, rate_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import (
    account_reference,
    currency_reference,
    customer_address,
    mail_address,
    meta,
    reference,
    text,
)

#: The company file was set up on the last office day before the books begin.
SET_UP = (profile.BOOKS_BEGIN - 3) * SECONDS_PER_DAY + 9 * 3600
RENAMED_AT = catalogue.RENAMED_FROM * SECONDS_PER_DAY + 8 * 3600
BOOK_CLOSE_DATE = "2025-12-31"
HOME_STREET = "88 Battery Row"
VENDORS = ("Harbor Office Supply", "Tideline Telecom", "Cobalt Cloud Hosting", "Gull Wing Travel")
EMPLOYEES = (("Noor", "Haddad"), ("Peter", "Lindqvist"), ("Imani", "Cole"))


def record(
    id: int | str, fields: dict[str, object], *, updated: int = SET_UP, token: int = 0
) -> str:
    """A list entry made at set-up; ``fields`` hold no amounts."""
    body = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return f"{body[:-1]},{meta(id, SET_UP, updated, token)}}}"


def customers(books: Books) -> Iterator[str]:
    for customer in books.customers:
        yield _customer(customer)


def _customer(customer: Customer) -> str:
    name = customer.name if customer.is_active else f"{customer.name} (deleted)"
    company = customer.company_name or name
    full_name = customer.full_name if customer.is_active else f"{customer.full_name} (deleted)"
    parent = customer.parent
    is_taxable = customer.tax_code is not None and not customer.is_exempt
    parts = [
        f'{{"Taxable":{_flag(is_taxable)},"BillAddr":{customer_address(customer)},'
        f'"ShipAddr":{customer_address(customer)},"Job":{_flag(parent is not None)},'
        f'"BillWithParent":{_flag(customer.bills_with_parent)}'
    ]
    if customer.is_exempt:
        parts.append(f'"ResaleNum":"{customer.certificate}","TaxExemptionReasonId":"4"')
    elif customer.tax_code is not None:
        parts.append(f'"DefaultTaxCodeRef":{{"value":"{customer.tax_code.id}"}}')
    if parent is not None:
        parts.append(f'"ParentRef":{reference(parent.id, parent.full_name)},"Level":1')
    token = int(customer.former_name is not None or not customer.is_active)
    parts.append(
        f'"SalesTermRef":{reference(customer.term.id, customer.term.name)},'
        f'"PaymentMethodRef":{{"value":"{customer.method}"}},'
        f'"Balance":{amount_text(customer.balance)},'
        f'"BalanceWithJobs":{amount_text(customer.balance_with_jobs)},'
        f'"CurrencyRef":{currency_reference(customer.currency)},'
        '"PreferredDeliveryMethod":"Email","IsProject":false,'
        f"{meta(customer.id, customer.created, customer.updated, token)},"
        f'"GivenName":{text(customer.person.given)},"FamilyName":{text(customer.person.family)},'
        f'"FullyQualifiedName":{text(full_name)},"CompanyName":{text(company)},'
        f'"DisplayName":{text(name)},"PrintOnCheckName":{text(customer.name)},'
        f'"Active":{_flag(customer.is_active)},'
        f"{_phone(customer)}"
        f'"PrimaryEmailAddr":{{"Address":"{mail_address(customer)}"}}}}'
    )
    return ",".join(parts)


def _phone(customer: Customer) -> str:
    number = customer.phone
    return f'"PrimaryPhone":{{"FreeFormNumber":"{number}"}},' if number else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"


def items(books: Books) -> Iterator[str]:
    for item in catalogue.ITEMS:
        is_active = item.retired is None
        retired_at = (item.retired or 0) * SECONDS_PER_DAY + 10 * 3600
        updated = RENAMED_AT if item.formerly else SET_UP if is_active else retired_at
        name = item.name if is_active else f"{item.name} (deleted)"
        token = int(bool(item.formerly) or not is_active)
        yield (
            f'{{"Name":{text(name)},"Sku":"{item.sku}","Description":{text(item.description)},'
            f'"Active":{_flag(is_active)},"FullyQualifiedName":{text(name)},'
            f'"Taxable":{_flag(item.taxable)},"UnitPrice":{amount_text(item.price)},'
            f'"Type":"{"NonInventory" if item.taxable else "Service"}",'
            f'"IncomeAccountRef":{account_reference(item.income_account)},'
            f'"PurchaseCost":{amount_text(item.cost)},"TrackQtyOnHand":false,'
            f"{meta(item.id, SET_UP, updated, token)}}}"
        )
    members = [
        {"ItemRef": {"value": str(item.id), "name": item.name}, "Qty": 1}
        for item in catalogue.ITEMS
        if item.name in catalogue.BUNDLE_MEMBERS
    ]
    bundle = {"Name": catalogue.BUNDLE_NAME, "Active": True, "Type": "Group", "Taxable": False}
    listed = {"FullyQualifiedName": catalogue.BUNDLE_NAME, "PrintGroupedItems": True}
    grouped = {"ItemGroupDetail": {"ItemGroupLine": members}}
    yield record(catalogue.BUNDLE, {**bundle, **listed, **grouped})


def accounts(books: Books) -> Iterator[str]:
    taken_over = sum(
        document.sign * document.open
        for document in books.documents
        if isinstance(document, JournalEntry) and document.is_taken_over
    )
    owed = dict.fromkeys(profile.CURRENCY_NAMES, 0)
    for customer in books.customers:
        owed[customer.currency] += customer.balance
    balances = {
        catalogue.RECEIVABLE: owed[profile.HOME_CURRENCY] - taken_over,
        catalogue.RECEIVABLE_EUR: owed[profile.FOREIGN_CURRENCY],
        catalogue.RECEIVABLE_TAKEN_OVER: taken_over,
    }
    for account in catalogue.ACCOUNTS:
        body = record(
            account.id,
            {
                "Name": account.name,
                "SubAccount": False,
                "FullyQualifiedName": account.name,
                "Active": True,
                "Classification": account.classification,
                "AccountType": account.type,
                "AccountSubType": account.subtype,
                "CurrencyRef": _reference(account.currency),
            },
        )
        if account.id in balances:
            balance = amount_text(balances[account.id])
            body = (
                f'{body[:-1]},"CurrentBalance":{balance},'
                f'"CurrentBalanceWithSubAccounts":{balance}}}'
            )
        yield body


def _reference(currency: str) -> dict[str, str]:
    return {"value": currency, "name": profile.CURRENCY_NAMES[currency]}


def terms(books: Books) -> Iterator[str]:
    for term in catalogue.TERMS:
        fields = {"Name": term.name, "Active": True, "Type": "STANDARD", "DueDays": term.due_days}
        yield record(term.id, {**fields, "DiscountPercent": 0, "DiscountDays": 0})


def tax_codes(books: Books) -> Iterator[str]:
    for pseudo, taxable in (("TAX", True), ("NON", False)):
        fields = {"Id": pseudo, "Name": pseudo, "Description": pseudo, "Active": True}
        fields |= {"Taxable": taxable, "TaxGroup": False, "domain": "QBO", "sparse": False}
        yield json.dumps(fields)
    for code in catalogue.TAX_CODES:
        details = [
            {"TaxRateRef": {"value": str(rate.id), "name": rate.name},
             "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
            for rate in code.rates
        ]  # fmt: skip
        named = {"Name": code.name, "Description": code.name, "Active": True, "Taxable": True}
        listed = {"TaxGroup": True, "SalesTaxRateList": {"TaxRateDetail": details}}
        yield record(code.id, {**named, **listed, "PurchaseTaxRateList": {"TaxRateDetail": []}})


def tax_rates(books: Books) -> Iterator[str]:
    for rate in catalogue.TAX_RATES:
        fields = {"Name": rate.name, "Description": rate.name, "Active": True}
        body = record(rate.id, {**fields, "AgencyRef": {"value": str(rate.agency)}})
        percent = rate_text(rate.percent * 1_000)
        yield f'{body[:-1]},"RateValue":{percent},"SpecialTaxType":"NONE"}}'


def payment_methods(books: Books) -> Iterator[str]:
    for id, name in catalogue.PAYMENT_METHODS:
        kind = "CREDIT_CARD" if id == catalogue.CARD else "NON_CREDIT_CARD"
        yield record(id, {"Name": name, "Active": True, "Type": kind})


def classes(books: Books) -> Iterator[str]:
    for id, name in catalogue.CLASSES.items():
        fields = {"Name": name, "SubClass": False, "FullyQualifiedName": name, "Active": True}
        yield record(id, {**fields})


def departments(books: Books) -> Iterator[str]:
    for id, name in catalogue.DEPARTMENTS:
        fields = {"Name": name, "SubDepartment": False, "FullyQualifiedName": name}
        yield record(id, {**fields, "Active": True})


def company_currencies(books: Books) -> Iterator[str]:
    code = profile.FOREIGN_CURRENCY
    yield record(1, {"Code": code, "Name": profile.CURRENCY_NAMES[code], "Active": True})


def exchange_rates(books: Books) -> Iterator[str]:
    rates: Rates = books.rates
    for offset, rate in enumerate(rates.euro):
        day = rates.first_day + offset
        yield (
            f'{{"SourceCurrencyCode":"{profile.FOREIGN_CURRENCY}",'
            f'"TargetCurrencyCode":"{profile.HOME_CURRENCY}","Rate":{rate_text(rate)},'
            f'"AsOfDate":"{day_text(day)}","MetaData":'
            f'{{"LastUpdatedTime":"{moment_text(day * SECONDS_PER_DAY + 60)}"}},'
            '"domain":"QBO","sparse":false}'
        )


def vendors(books: Books) -> Iterator[str]:
    first = len(books.customers) + 1
    for id, name in enumerate(VENDORS, start=first):
        mail = {"Address": f"billing@{names.mail_host(name)}"}
        fields = {"DisplayName": name, "CompanyName": name, "PrintOnCheckName": name}
        yield record(id, {**fields, "Active": True, "PrimaryEmailAddr": mail, "Vendor1099": False})


def employees(books: Books) -> Iterator[str]:
    first = len(books.customers) + len(VENDORS) + 1
    for id, (given, family) in enumerate(EMPLOYEES, start=first):
        fields = {"GivenName": given, "FamilyName": family, "DisplayName": f"{given} {family}"}
        yield record(id, {**fields, "Active": True, "BillableTime": False})


def company_info(books: Books) -> Iterator[str]:
    place = {"Id": "1", "Line1": HOME_STREET, "City": "New York", "Country": "USA",
             "CountrySubDivisionCode": "NY", "PostalCode": "10004"}  # fmt: skip
    yield record(
        1,
        {
            "CompanyName": profile.NAME,
            "LegalName": profile.LEGAL_NAME,
            "CompanyAddr": place,
            "LegalAddr": place,
            "Country": "US",
            "FiscalYearStartMonth": "January",
            "CompanyStartDate": day_text(profile.BOOKS_BEGIN),
            "SupportedLanguages": "en",
            "DefaultTimeZone": profile.TIME_ZONE,
            "Email": {"Address": "books@larkspurvale.example"},
            "NameValue": [{"Name": "OfferingSku", "Value": "QuickBooks Online Plus"}],
        },
    )


def preferences(books: Books) -> Iterator[str]:
    yield record(
        1,
        {
            "AccountingInfoPrefs": {
                "FirstMonthOfFiscalYear": "January",
                "UseAccountNumbers": False,
                "ClassTrackingPerTxn": False,
                "ClassTrackingPerTxnLine": True,
                "TrackDepartments": True,
                "BookCloseDate": BOOK_CLOSE_DATE,
            },
            "SalesFormsPrefs": {
                "CustomTxnNumbers": False,
                "AllowDeposit": True,
                "AllowDiscount": True,
                "AllowEstimates": True,
                "AllowServiceDate": True,
                "AllowShipping": False,
                "AutoApplyCredit": False,
                "AutoApplyPayments": False,
                "DefaultTerms": {"value": "3"},
                "CustomField": [
                    {"CustomField": [_preference("UseSalesCustom1", "BooleanType", True)]},
                    {
                        "CustomField": [
                            _preference(
                                "SalesCustomName1", "StringType", catalogue.PURCHASE_ORDER_FIELD
                            )
                        ]
                    },
                ],
            },
            "TaxPrefs": {
                "UsingSalesTax": True,
                "PartnerTaxEnabled": False,
                "TaxGroupCodeRef": {"value": str(catalogue.TAX_CODES[0].id)},
            },
            "CurrencyPrefs": {
                "MultiCurrencyEnabled": True,
                "HomeCurrency": {"value": profile.HOME_CURRENCY},
            },
            "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
            "OtherPrefs": {"NameValue": []},
        },
    )


def _preference(name: str, kind: str, value: object) -> dict[str, object]:
    holder = kind.replace("Type", "Value")
    return {"Name": f"SalesFormsPrefs.{name}", "Type": kind, holder: value}


LISTS: dict[str, Callable[[Books], Iterator[str]]] = {
    "Customer": customers,
    "Item": items,
    "Account": accounts,
    "Term": terms,
    "TaxCode": tax_codes,
    "TaxRate": tax_rates,
    "PaymentMethod": payment_methods,
    "Class": classes,
    "Department": departments,
    "CompanyCurrency": company_currencies,
    "ExchangeRate": exchange_rates,
    "Vendor": vendors,
    "Employee": employees,
    "CompanyInfo": company_info,
    "Preferences": preferences,
}
