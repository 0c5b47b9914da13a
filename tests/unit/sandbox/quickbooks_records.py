"""Small QuickBooks records for ledgers that a person can add up, and how to read the reports.

Belongs here: record builders and report readers of the bookkeeping tests. Does not belong here:
expectations.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.reports.catalogue import render
from q2c_pipeline.sandbox.quickbooks.reports.context import ReportContext

Record = tuple[str, dict[str, Any]]

ACCOUNTS: list[Record] = [
    (
        "Account",
        {"Id": id_, "Name": name, "AccountType": type_, "CurrencyRef": {"value": currency}},
    )
    for id_, name, type_, currency in [
        ("84", "Accounts Receivable (A/R)", "Accounts Receivable", "USD"),
        ("85", "Accounts Receivable (A/R) - EUR", "Accounts Receivable", "EUR"),
        ("35", "Checking", "Bank", "USD"),
        ("79", "Sales", "Income", "USD"),
        ("31", "Bad debts", "Expense", "USD"),
        ("4", "Undeposited Funds", "Other Current Asset", "USD"),
    ]
]
MULTICURRENCY = ReportContext(
    now=datetime(2026, 6, 30, 12, tzinfo=UTC),
    time_zone="America/Los_Angeles",
    home_currency="USD",
    is_multicurrency=True,
)
ONE_CURRENCY = ReportContext(
    now=datetime(2026, 6, 30, 12, tzinfo=UTC),
    time_zone="America/Los_Angeles",
    home_currency="USD",
    is_multicurrency=False,
)


def customer(id_: str, name: str, *, parent: str | None = None) -> Record:
    record: dict[str, Any] = {"Id": id_, "DisplayName": name}
    if parent is not None:
        record["ParentRef"] = {"value": parent}
    return "Customer", record


def document(object_: str, id_: str, day: str, total: str, **fields: Any) -> Record:
    record = {
        "Id": id_,
        "TxnDate": day,
        "TotalAmt": Decimal(total),
        "CustomerRef": {"value": fields.pop("customer", "1")},
        **fields,
    }
    return object_, record


def invoice(id_: str, day: str, total: str, **fields: Any) -> Record:
    return document("Invoice", id_, day, total, **fields)


def credit_memo(id_: str, day: str, total: str, **fields: Any) -> Record:
    return document("CreditMemo", id_, day, total, **fields)


def payment(
    id_: str, day: str, total: str, *applied: tuple[str, str, str], **fields: Any
) -> Record:
    """``applied`` are (amount, linked type, linked id), a line each."""
    lines = [
        {"Amount": Decimal(amount), "LinkedTxn": [{"TxnType": type_, "TxnId": linked_id}]}
        for amount, type_, linked_id in applied
    ]
    return document("Payment", id_, day, total, Line=lines, **fields)


def journal_entry(id_: str, day: str, *lines: tuple[str, str, str, str | None]) -> Record:
    """``lines`` are (Debit or Credit, amount, account id, customer id)."""
    written = []
    for number, (side, amount, account, customer_id) in enumerate(lines):
        detail: dict[str, Any] = {"PostingType": side, "AccountRef": {"value": account}}
        if customer_id is not None:
            detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": customer_id}}
        written.append(
            {
                "Id": str(number),
                "Amount": Decimal(amount),
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": detail,
            }
        )
    return "JournalEntry", {"Id": id_, "TxnDate": day, "TotalAmt": 0, "Line": written}


def check(id_: str, day: str, amount: str, *, account: str, customer: str) -> Record:
    line = {
        "Id": "1",
        "Amount": Decimal(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
    }
    return "Purchase", {
        "Id": id_,
        "TxnDate": day,
        "PaymentType": "Check",
        "TotalAmt": Decimal(amount),
        "AccountRef": {"value": "35"},
        "EntityRef": {"value": customer, "type": "Customer"},
        "Line": [line],
    }


def euros(rate: str) -> dict[str, Any]:
    return {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": Decimal(rate)}


def keep_books(*records: Record) -> Books:
    return Books([*ACCOUNTS, *records], "USD")


def buckets_of(books: Books, day: str) -> dict[str, str]:
    """Customer name to the texts of the five buckets and the total, TOTAL included."""
    report = render("AgedReceivables", {"report_date": day}, books, MULTICURRENCY)
    return dict(_rows_of(report["Rows"].get("Row", [])))


def _rows_of(rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if "ColData" in row:
            yield _row_of(row["ColData"])
        else:
            if "Header" in row:
                yield _row_of(row["Header"]["ColData"])
            yield from _rows_of(row.get("Rows", {}).get("Row", []))
            yield _row_of(row["Summary"]["ColData"])


def _row_of(cells: list[dict[str, str]]) -> tuple[str, str]:
    return cells[0]["value"], " ".join(cell["value"] or "-" for cell in cells[1:])


def open_documents(books: Books, day: str, columns: str) -> list[list[str]]:
    """Every data row of AgedReceivableDetail, as the texts of the asked columns."""
    asked = {"report_date": day, "columns": columns}
    report = render("AgedReceivableDetail", asked, books, MULTICURRENCY)
    return [
        [cell["value"] for cell in row["ColData"]]
        for section in report["Rows"].get("Row", [])
        for row in section.get("Rows", {}).get("Row", [])
    ]


def balances_of(books: Books, day: str) -> dict[str, str]:
    """Account name, or section title, to the amount on the BalanceSheet."""
    report = render("BalanceSheet", {"end_date": day}, books, MULTICURRENCY)
    return dict(_rows_of(report["Rows"].get("Row", [])))
