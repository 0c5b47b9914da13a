"""Open items at a date, each in the bucket of the days it is past due.

Belongs here: what is open and how old it is. Does not belong here: rows and cells.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.books.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.reports.context import (
    ReportContext,
    choice_parameter,
    count_parameter,
    date_parameter,
)

PERIOD_DAYS = 30
PERIODS = 4
PERIOD_DAYS_MAX = 365
PERIODS_MAX = 50


class AgedItem(NamedTuple):
    """``bucket`` 0 is not past due; the last one has no end."""

    item: OpenItem
    open_amount: Decimal
    open_home: Decimal
    days_past_due: int
    bucket: int


@dataclass(frozen=True, slots=True)
class Ageing:
    """How a report ages: ``report_date`` bounds what documents it shows.

    By method Report_Date, open amounts and ages are those of the report date. By method Current
    they are today's: what was applied since then is taken off, and ages run to today.
    """

    report_date: date
    method: str
    aged_on: date
    period_days: int
    periods: int
    customer_ids: frozenset[str]

    @classmethod
    def asked(cls, parameters: Mapping[str, str], context: ReportContext) -> "Ageing":
        report_date = date_parameter(parameters, "report_date", otherwise=context.today)
        method = choice_parameter(parameters, "aging_method", ("Report_Date", "Current"))
        customers = parameters.get("customer", "").split(",")
        return cls(
            report_date=report_date,
            method=method,
            aged_on=report_date if method == "Report_Date" else context.today,
            period_days=count_parameter(
                parameters, "aging_period", otherwise=PERIOD_DAYS, most=PERIOD_DAYS_MAX
            ),
            periods=count_parameter(parameters, "num_periods", otherwise=PERIODS, most=PERIODS_MAX),
            customer_ids=frozenset(c.strip() for c in customers if c.strip()),
        )

    @property
    def titles(self) -> list[str]:
        starts = [self.period_days * period + 1 for period in range(self.periods)]
        closed = [f"{start} - {start + self.period_days - 1}" for start in starts[:-1]]
        return ["Current", *closed, f"{starts[-1]} and over"]

    def bucket(self, days_past_due: int) -> int:
        if days_past_due <= 0:
            return 0
        return min((days_past_due - 1) // self.period_days + 1, self.periods)

    def open_items(self, books: Books) -> Iterator[AgedItem]:
        """Oldest documents first."""
        shown = bisect_right(books.items, self.report_date, key=attrgetter("date"))
        for item in books.items[:shown]:
            if item.closed_on is not None and item.closed_on <= self.aged_on:
                continue
            if self.customer_ids and item.customer_id not in self.customer_ids:
                continue
            open_amount, open_home = item.open_on(self.aged_on)
            if open_amount:
                days = (self.aged_on - item.due_date).days
                yield AgedItem(item, open_amount, open_home, days, self.bucket(days))
