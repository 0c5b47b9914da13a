"""The reports by the vendor's names.

Belongs here: the list of reports. Does not belong here: any of their content.
"""

from collections.abc import Callable, Mapping
from typing import Any

from q2c_pipeline.core.errors import PermanentError
from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.reports.aged_receivables import (
    aged_receivable_detail,
    aged_receivables,
)
from q2c_pipeline.sandbox.quickbooks.reports.balance_sheet import balance_sheet
from q2c_pipeline.sandbox.quickbooks.reports.context import ReportContext


class UnknownReport(PermanentError):
    pass


REPORTS: dict[str, Callable[[Mapping[str, str], Books, ReportContext], dict[str, Any]]] = {
    "AgedReceivables": aged_receivables,
    "AgedReceivableDetail": aged_receivable_detail,
    "BalanceSheet": balance_sheet,
}


def render(
    name: str, parameters: Mapping[str, str], books: Books, context: ReportContext
) -> dict[str, Any]:
    """Raises UnknownReport, or InvalidParameter for a parameter that cannot be read."""
    if name not in REPORTS:
        raise UnknownReport(f"There is no report {name!r}; there are {', '.join(REPORTS)}.")
    return REPORTS[name](parameters, books, context)
