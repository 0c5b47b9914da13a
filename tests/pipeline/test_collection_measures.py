"""The DSO family of the made-up company, worked out once more from the documents on the wire.

Belongs here: sales and calendars in plain arithmetic. Does not belong here: what is open, which
ties to the vendor's own reports.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import duckdb

from tests.pipeline.conftest import PublishedHome

Sales = Mapping[date, Fraction]
TRAILING_MONTHS = 3


class Measures(NamedTuple):
    dso_standard: Decimal | None
    dso_countback: Decimal | None
    dso_best_possible: Decimal | None
    collection_effectiveness: Decimal | None


def month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def months_back(end: date, count: int) -> date:
    for _ in range(count):
        end = end.replace(day=1) - timedelta(days=1)
    return end


def rounded(figure: Fraction) -> Decimal:
    exact = Decimal(figure.numerator) / Decimal(figure.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def monthly_sales(company: Path) -> tuple[Sales, date]:
    """Invoices less credit memos in home currency by month, and the day of the first document."""
    sales: dict[date, Fraction] = {}
    days = []
    for entity, sign in (("Invoice", 1), ("CreditMemo", -1), ("Payment", 0), ("JournalEntry", 0)):
        records = json.loads(
            (company / "quickbooks" / f"{entity}.json").read_text(), parse_float=str
        )
        for record in records:
            if "TxnDate" not in record:  # only the id of a deleted document is left
                continue
            day = date.fromisoformat(record["TxnDate"])
            days.append(day)
            home = Fraction(record["TotalAmt"]) * Fraction(record.get("ExchangeRate", 1))
            end = month_end(day)
            sales[end] = sales.get(end, Fraction(0)) + sign * Fraction(rounded(home))
    return sales, min(days)


def countback(receivable: Fraction, end: date, sales: Sales, first: date) -> Decimal | None:
    days = Fraction(0)
    while receivable > 0:
        if end < first:
            return None
        sold = sales.get(end, Fraction(0))
        share = Fraction(1) if sold <= receivable else receivable / sold
        days += share * end.day
        receivable -= share * sold
        end = months_back(end, 1)
    return rounded(days)


def worked_out(
    end: date, open_at: Mapping[date, tuple[Fraction, Fraction]], sales: Sales, first: date
) -> Measures:
    owed, not_due = open_at[end]
    start = months_back(end, TRAILING_MONTHS)
    sold = sum((amount for at, amount in sales.items() if start < at <= end), Fraction(0))
    per_unit = (end - start).days / sold if sold > 0 and start >= first - timedelta(1) else None
    collectable = open_at.get(months_back(end, 1), (Fraction(0),))[0] + sales.get(end, Fraction(0))
    return Measures(
        rounded(owed * per_unit) if per_unit else None,
        countback(owed, end, sales, first),
        rounded(not_due * per_unit) if per_unit else None,
        rounded(100 * (collectable - owed) / (collectable - not_due))
        if collectable > not_due
        else None,
    )


def test_the_measures_are_what_the_documents_say(
    published_home: PublishedHome, small_company: Path
) -> None:
    sales, first = monthly_sales(small_company)
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as marts:
        open_at = {
            end: (Fraction(owed), Fraction(not_due))
            for end, owed, not_due in marts.execute(
                "select as_of_date, sum(open_amount_home),"
                " coalesce(sum(open_amount_home) filter (where days_past_due <= 0), 0)"
                " from finance.ar_open_items where as_of_date = last_day(as_of_date) group by all"
            ).fetchall()
        }
        shown = {
            end: Measures(*figures)
            for end, *figures in marts.execute(
                f"select month_end, {', '.join(Measures._fields)} from finance.dso"
                " where segment = 'all'"
            ).fetchall()
        }

    expected = {end: worked_out(end, open_at, sales, first) for end in open_at}

    assert len(shown) >= 24
    assert shown == expected
    assert sum(measures.dso_standard is not None for measures in shown.values()) >= 20
