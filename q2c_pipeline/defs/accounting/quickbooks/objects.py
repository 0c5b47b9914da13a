"""What is read from QuickBooks Online, as data: one row per object, one envelope per family.

Belongs here: field names and the rules a record must meet before later steps rely on it. Does not
belong here: how it is asked for, which is ``client.py`` and ``extract.py``.

Documents need a date, amounts as JSON numbers and, in a foreign currency, their own exchange rate.
Whatever else the vendor sends stays in the payload untouched.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import msgspec

from q2c_pipeline.core.objects import (
    Books,
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
    """A name in a list: a customer, an account, a term."""

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

    def refusal(self, books: Books) -> Refusal | None:
        if self.ExchangeRate is not None and self.ExchangeRate <= 0:
            return Refusal("ExchangeRate", f"is {self.ExchangeRate:g}, and a rate is above zero")
        if self.ExchangeRate is None and self.CurrencyRef is not None and books.home_currency:
            currency = self.CurrencyRef.value
            if currency != books.home_currency:
                return Refusal(
                    "ExchangeRate",
                    f"is missing on a document in {currency}, and the home currency is"
                    f" {books.home_currency}",
                )
        return None


class CustomerDocument(Document, frozen=True, gc=False, kw_only=True):
    """A document that is all one customer's: invoice, credit memo, payment."""

    TotalAmt: JsonAmount
    CustomerRef: _Reference


@dataclass(frozen=True, kw_only=True)
class QuickBooksObject(ObjectSpec):
    """``hides_inactive``: a plain query leaves inactive records out."""

    hides_inactive: bool = False


def _object(
    name: str,
    vendor_name: str,
    envelope: type[Envelope],
    *,
    hides_inactive: bool = False,
) -> QuickBooksObject:
    return QuickBooksObject(
        name=name,
        vendor_name=vendor_name,
        envelope=envelope,
        stub=DeletedStub,
        hides_inactive=hides_inactive,
        mend="Open {subject} in QuickBooks, correct its {field} and save it; the next run reads it",
    )


CHANGING = (
    _object("customers", "Customer", Listed, hides_inactive=True),
    _object("invoices", "Invoice", CustomerDocument),
    _object("payments", "Payment", CustomerDocument),
    _object("credit_memos", "CreditMemo", CustomerDocument),
    _object("journal_entries", "JournalEntry", Document),
    _object("deposits", "Deposit", Document),
    _object("purchases", "Purchase", Document),
    _object("accounts", "Account", Listed, hides_inactive=True),
    _object("terms", "Term", Listed, hides_inactive=True),
)
"""Read in full once, then through change data capture."""

COMPANY_INFO = _object("company_info", "CompanyInfo", Setting)
PREFERENCES = _object("preferences", "Preferences", Setting)
SETTINGS = (COMPANY_INFO, PREFERENCES)
"""Left out by change data capture; read when older than a day."""


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
REPORTS = (AGED_RECEIVABLES, AGED_RECEIVABLE_DETAILS, BALANCE_SHEETS)

TABLES = tuple(spec.name for spec in (*CHANGING, *SETTINGS, *REPORTS))
