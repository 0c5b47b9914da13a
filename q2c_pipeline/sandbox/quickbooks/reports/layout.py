"""The vendor's report JSON: header, columns, and rows that nest.

Belongs here: shape and text of cells. Does not belong here: which figures stand in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from operator import add
from typing import Any

from q2c_pipeline.sandbox.quickbooks.books.record_fields import to_cents
from q2c_pipeline.sandbox.quickbooks.wire import record_time

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A named row of amounts, its own ones, with the rows that nest under it."""

    name: str
    id: str | None
    amounts: tuple[Decimal, ...]
    children: Sequence["Line"] = field(default=())

    @property
    def total(self) -> tuple[Decimal, ...]:
        return add_up([self.amounts, *(child.total for child in self.children)])


def add_up(rows: Sequence[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
    total = rows[0]
    for row in rows[1:]:
        total = tuple(map(add, total, row))
    return total


def money(amount: Decimal) -> str:
    return f"{to_cents(amount):f}"


def money_or_blank(amount: Decimal) -> str:
    return money(amount) if amount else ""


def cell(value: str, record_id: str | None = None) -> Json:
    """A name that stands for nobody has no id."""
    return {"value": value, "id": record_id} if record_id else {"value": value}


def line_row(line: Line) -> Json:
    """A plain row, or a section that opens with the line's own amounts and ends in the total."""
    own = {
        "ColData": [
            cell(line.name, line.id),
            *(cell(money_or_blank(amount)) for amount in line.amounts),
        ]
    }
    if not line.children:
        return own
    return section(
        header=own["ColData"],
        rows=[line_row(child) for child in line.children],
        summary=summary_cells(f"Total {line.name}", line.total),
    )


def summary_cells(title: str, amounts: Iterable[Decimal]) -> list[Json]:
    return [cell(title), *(cell(money(amount)) for amount in amounts)]


def section(
    *,
    group: str | None = None,
    header: list[Json] | None = None,
    rows: list[Json] | None = None,
    summary: list[Json] | None = None,
) -> Json:
    found: Json = {}
    if header is not None:
        found["Header"] = {"ColData": header}
    if rows is not None:
        found["Rows"] = {"Row": rows}
    if summary is not None:
        found["Summary"] = {"ColData": summary}
    found["type"] = "Section"
    if group is not None:
        found["group"] = group
    return found


def column(title: str, kind: str, *, key: str | None = None) -> Json:
    found: Json = {"ColTitle": title, "ColType": kind}
    if key is not None:
        found["MetaData"] = [{"Name": "ColKey", "Value": key}]
    return found


def report(
    name: str,
    *,
    made_at: datetime,
    period: tuple[date, date],
    currency: str,
    options: Mapping[str, str],
    columns: list[Json],
    rows: list[Json],
    basis: str | None = None,
) -> Json:
    """A report without rows says NoReportData and has an empty Rows object."""
    header: Json = {"ReportName": name, "Time": record_time(made_at)}
    if basis is not None:
        header["ReportBasis"] = basis
    header["StartPeriod"], header["EndPeriod"] = (day.isoformat() for day in period)
    header["Currency"] = currency
    stated = {**options, "NoReportData": "false" if rows else "true"}
    header["Option"] = [{"Name": key, "Value": value} for key, value in stated.items()]
    return {
        "Header": header,
        "Columns": {"Column": columns},
        "Rows": {"Row": rows} if rows else {},
    }
