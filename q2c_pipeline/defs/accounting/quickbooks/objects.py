"""What is read from QuickBooks Online, as data: one row per object, one envelope per family.

Belongs here: field names and the rules a record must meet before later steps rely on it. Does not
belong here: how it is asked for, which is ``client.py`` and ``extract.py``.

Documents need a date, amounts as JSON numbers and, where they have a rate, one above zero; without
one the vendor counts them at 1. Whatever else it sends stays in the payload untouched. Of vendors
and employees only the name is asked for: it shares a name space with customers, and the rest is no
business of ours.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec

from q2c_pipeline.core.objects import (
    Envelope,
    Identifier,
    JsonAmount,
    ObjectSpec,
    Refusal,
    refuse_unknown_currency,
)

SYSTEM = "quickbooks"


class _MetaData(msgspec.Struct, frozen=True, gc=False):
    LastUpdatedTime: datetime | None = None


class _Reference(msgspec.Struct, frozen=True, gc=False):
    value: Identifier


class _Currency(msgspec.Struct, frozen=True, gc=False):
    value: str

    def __post_init__(self) -> None:
        refuse_unknown_currency(self.value)


class _Posting(msgspec.Struct, frozen=True, gc=False):
    PostingType: Literal["Debit", "Credit"]
    AccountRef: _Reference


class _LinkedTransaction(msgspec.Struct, frozen=True, gc=False):
    TxnId: Identifier
    TxnType: str


class _Line(msgspec.Struct, frozen=True, gc=False):
    Amount: JsonAmount | None = None
    LinkedTxn: list[_LinkedTransaction] | None = None
    JournalEntryLineDetail: _Posting | None = None


class _Tax(msgspec.Struct, frozen=True, gc=False):
    TotalTax: JsonAmount | None = None


class _QuickBooksRecord(Envelope, frozen=True, gc=False, kw_only=True):
    Id: Identifier
    MetaData: _MetaData | None = None
    status: str | None = None

    def record_id(self) -> str:
        return self.Id

    def updated_at(self) -> datetime | None:
        return self.MetaData.LastUpdatedTime if self.MetaData else None

    def is_deleted(self) -> bool:
        return self.status == "Deleted"


class DeletedStub(_QuickBooksRecord, frozen=True, gc=False, kw_only=True):
    """What change data capture leaves of a deleted record."""


class Setting(_QuickBooksRecord, frozen=True, gc=False, kw_only=True):
    """A record that is one of its kind in a company."""


class Listed(_QuickBooksRecord, frozen=True, gc=False, kw_only=True):
    """A name in a list: a customer, an item, an account, a term."""

    DisplayName: str | None = None
    Name: str | None = None
    Active: bool | None = None
    AccountType: str | None = None
    Balance: JsonAmount | None = None
    BalanceWithJobs: JsonAmount | None = None
    CurrentBalance: JsonAmount | None = None
    CurrencyRef: _Currency | None = None
    ParentRef: _Reference | None = None
    SalesTermRef: _Reference | None = None
    DueDays: int | None = None
    UnitPrice: JsonAmount | None = None
    RateValue: JsonAmount | None = None


class CompanyCurrency(_QuickBooksRecord, frozen=True, gc=False, kw_only=True):
    """A currency that the company uses besides its own."""

    Code: str
    Active: bool | None = None

    def __post_init__(self) -> None:
        refuse_unknown_currency(self.Code)


class ExchangeRate(Envelope, frozen=True, gc=False, kw_only=True):
    """What one unit of a currency is worth at home on a day; the vendor gives it no Id."""

    SourceCurrencyCode: str
    AsOfDate: date
    Rate: JsonAmount
    MetaData: _MetaData | None = None

    def __post_init__(self) -> None:
        refuse_unknown_currency(self.SourceCurrencyCode)

    def record_id(self) -> str:
        return f"{self.SourceCurrencyCode} {self.AsOfDate}"

    def updated_at(self) -> datetime | None:
        return self.MetaData.LastUpdatedTime if self.MetaData else None

    def refusal(self) -> Refusal | None:
        return _refused_rate("Rate", self.Rate)


class Document(_QuickBooksRecord, frozen=True, gc=False, kw_only=True):
    """A transaction: dated, in a currency, with amounts on its lines."""

    TxnDate: date
    DueDate: date | None = None
    TotalAmt: JsonAmount | None = None
    HomeTotalAmt: JsonAmount | None = None
    Balance: JsonAmount | None = None
    HomeBalance: JsonAmount | None = None
    RemainingCredit: JsonAmount | None = None
    UnappliedAmt: JsonAmount | None = None
    Deposit: JsonAmount | None = None
    ExchangeRate: JsonAmount | None = None
    CustomerRef: _Reference | None = None
    CurrencyRef: _Currency | None = None
    Line: list[_Line] | None = None
    TxnTaxDetail: _Tax | None = None

    def refusal(self) -> Refusal | None:
        if self.ExchangeRate is None:
            return None
        return _refused_rate("ExchangeRate", self.ExchangeRate)


class Receipt(Document, frozen=True, gc=False, kw_only=True):
    """A sale paid or refunded at once; a cash sale may name no customer."""

    TotalAmt: JsonAmount


class CustomerDocument(Document, frozen=True, gc=False, kw_only=True):
    """A document that is all one customer's: invoice, credit memo, payment."""

    TotalAmt: JsonAmount
    CustomerRef: _Reference


def _refused_rate(field: str, rate: float) -> Refusal | None:
    return None if rate > 0 else Refusal(field, f"is {rate:g}, and a rate is above zero")


@dataclass(frozen=True, kw_only=True)
class QuickBooksObject(ObjectSpec):
    """How an object is asked for.

    ``hides_inactive``: a plain query leaves inactive records out. ``fields`` are asked for instead
    of whole records. ``pseudo_ids`` are listed beside the records without being any.
    """

    hides_inactive: bool = False
    fields: tuple[str, ...] = ()
    pseudo_ids: frozenset[str] = frozenset()


def _object(
    name: str,
    vendor_name: str,
    envelope: type[Envelope],
    *,
    hides_inactive: bool = False,
    fields: tuple[str, ...] = (),
    pseudo_ids: frozenset[str] = frozenset(),
) -> QuickBooksObject:
    return QuickBooksObject(
        name=name,
        vendor_name=vendor_name,
        envelope=envelope,
        stub=DeletedStub,
        hides_inactive=hides_inactive,
        fields=fields,
        pseudo_ids=pseudo_ids,
        mend="Open {subject} in QuickBooks, correct its {field} and save it; the next run reads it",
    )


COMPANY_CURRENCIES = _object("company_currencies", "CompanyCurrency", CompanyCurrency)
"""Only a company with several currencies has them."""

CUSTOMERS = _object("customers", "Customer", Listed, hides_inactive=True)
SETTLING = (
    _object("invoices", "Invoice", CustomerDocument),
    _object("payments", "Payment", CustomerDocument),
    _object("credit_memos", "CreditMemo", CustomerDocument),
)
"""The documents that make up nearly all of what a customer owes."""

POSTING = (
    _object("journal_entries", "JournalEntry", Document),
    _object("deposits", "Deposit", Document),
    _object("purchases", "Purchase", Document),
)
ACCOUNTS = _object("accounts", "Account", Listed, hides_inactive=True)
TERMS = _object("terms", "Term", Listed, hides_inactive=True)

RECEIVABLE = (CUSTOMERS, *SETTLING, *POSTING, ACCOUNTS, TERMS)
"""What receivables rest on: no company is read without them."""

CHANGING = (
    CUSTOMERS,
    *SETTLING,
    *POSTING,
    _object("sales_receipts", "SalesReceipt", Receipt),
    _object("refund_receipts", "RefundReceipt", Receipt),
    _object("estimates", "Estimate", Document),
    ACCOUNTS,
    TERMS,
    _object("items", "Item", Listed, hides_inactive=True),
    _object("classes", "Class", Listed, hides_inactive=True),
    _object("departments", "Department", Listed, hides_inactive=True),
    _object("payment_methods", "PaymentMethod", Listed, hides_inactive=True),
    COMPANY_CURRENCIES,
)
"""Read whole once, then through change data capture, and counted in this order."""

_NAME_ALONE = ("Id", "DisplayName", "Active")

DAILY = (
    _object(
        "tax_codes",
        "TaxCode",
        Listed,
        hides_inactive=True,
        pseudo_ids=frozenset({"TAX", "NON"}),
    ),
    _object("tax_rates", "TaxRate", Listed, hides_inactive=True),
    _object("tax_agencies", "TaxAgency", Listed),
    _object("vendors", "Vendor", Listed, hides_inactive=True, fields=_NAME_ALONE),
    _object("employees", "Employee", Listed, hides_inactive=True, fields=_NAME_ALONE),
)
"""Read whole when older than a day: change data capture leaves them out, or tells too much."""

COMPANY_INFO = _object("company_info", "CompanyInfo", Setting)
PREFERENCES = _object("preferences", "Preferences", Setting)
SETTINGS = (COMPANY_INFO, PREFERENCES)
"""Left out by change data capture; read when older than a day."""

EXCHANGE_RATES = _object("exchange_rates", "ExchangeRate", ExchangeRate)
"""Read once a day for each currency in use; the vendor tells them for any day, and counts none."""

OBJECTS = (*CHANGING, *DAILY, *SETTINGS, EXCHANGE_RATES)


@dataclass(frozen=True, kw_only=True)
class ReportSpec:
    """A control report: what it is asked with. A version of it is kept under its date."""

    name: str
    vendor_name: str
    date_parameter: str
    parameters: tuple[tuple[str, str], ...] = ()


AGED_RECEIVABLES = ReportSpec(
    name="aged_receivables",
    vendor_name="AgedReceivables",
    date_parameter="report_date",
    parameters=(("aging_method", "Report_Date"),),
)
AGED_RECEIVABLE_DETAILS = ReportSpec(
    name="aged_receivable_details",
    vendor_name="AgedReceivableDetail",
    date_parameter="report_date",
    parameters=(
        ("aging_method", "Report_Date"),
        (
            "columns",
            "tx_date,txn_type,doc_num,cust_name,due_date,past_due,subt_amount,subt_open_bal,"
            "foreign_amount,foreign_open_bal,currency,exch_rate",
        ),
    ),
)
BALANCE_SHEETS = ReportSpec(
    name="balance_sheets",
    vendor_name="BalanceSheet",
    date_parameter="end_date",
    parameters=(("accounting_method", "Accrual"),),
)
REPORTS_IN_ONE_CURRENCY = (AGED_RECEIVABLES, BALANCE_SHEETS)
REPORTS = (*REPORTS_IN_ONE_CURRENCY, AGED_RECEIVABLE_DETAILS)

TABLES = tuple(spec.name for spec in (*OBJECTS, *REPORTS))
