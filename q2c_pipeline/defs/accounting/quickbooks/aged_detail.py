"""What QuickBooks shows open on one day, document by document.

Belongs here: the shape of AgedReceivableDetail. Does not belong here: which day is asked for, and
comparing. Staging reads the same report for the dates that are kept.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.objects import AGED_RECEIVABLE_DETAILS

_OPEN_KEYS = ("foreign_open_bal", "subt_open_bal")
"""In its own currency, which only companies of several currencies show, else at home."""


class Cell(msgspec.Struct):
    value: str = ""
    id: str | None = None


class _MetaData(msgspec.Struct):
    Name: str
    Value: str


class _Column(msgspec.Struct):
    MetaData: list[_MetaData] = []


class _Columns(msgspec.Struct):
    Column: list[_Column] = []


class _Rows(msgspec.Struct):
    Row: "list[_Row]" = []


class _Row(msgspec.Struct):
    ColData: list[Cell] = []
    Rows: _Rows | None = None


class _Report(msgspec.Struct):
    Columns: _Columns
    Rows: _Rows


class OpenDocument(NamedTuple):
    """A document with something open, in its own currency; lines of one transaction are one."""

    customer_id: str
    transaction_id: str
    customer_name: str
    label: str
    due_date: date | None
    open_amount: Decimal


def open_documents(client: QuickBooksClient, on: date) -> list[OpenDocument]:
    """All of one day; one metered read.

    Raises ContractBroken when the report is not what its contract says.
    """
    text = client.report(AGED_RECEIVABLE_DETAILS, on)
    asked = f"QuickBooks realm {client.realm}: {AGED_RECEIVABLE_DETAILS.vendor_name} of {on}"
    try:
        report = msgspec.json.decode(text, type=_Report)
        keys = [_key(column) for column in report.Columns.Column]
        return [_document(dict(zip(keys, row, strict=False))) for row in _rows(report.Rows)]
    except (msgspec.DecodeError, KeyError, ValueError, InvalidOperation) as error:
        raise ContractBroken(f"{asked} has another shape than before: {error}") from None


def _key(column: _Column) -> str:
    return next((pair.Value for pair in column.MetaData if pair.Name == "ColKey"), "")


def _rows(rows: _Rows) -> Iterator[list[Cell]]:
    """The documents' rows, however deep their sections nest."""
    for row in rows.Row:
        if row.Rows is not None:
            yield from _rows(row.Rows)
        elif any(cell.id for cell in row.ColData):
            yield row.ColData


def _document(cells: dict[str, Cell]) -> OpenDocument:
    kind, number, customer = cells["txn_type"], cells["doc_num"], cells["cust_name"]
    amounts = [cells[key].value for key in _OPEN_KEYS if key in cells]
    return OpenDocument(
        customer.id or "unnamed",
        kind.id or number.id or "",
        customer.value,
        f"{kind.value} {number.value}".strip(),
        date.fromisoformat(due) if (due := cells["due_date"].value) else None,
        Decimal(next(filter(None, amounts), "0")),
    )
