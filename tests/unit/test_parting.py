"""The first day of a difference is found by halves, and documents are set beside each other."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from q2c_pipeline.defs.accounting.quickbooks.aged_detail import OpenDocument
from q2c_pipeline.defs.finance.parting import (
    Difference,
    Parting,
    Stretch,
    differences_between,
    first_parting,
)

AGREES_ON = date(2026, 2, 28)
DUE = date(2026, 3, 31)


def document(
    transaction_id: str, amount: str, *, customer_id: str = "1", due_date: date | None = DUE
) -> OpenDocument:
    return OpenDocument(
        customer_id, transaction_id, f"Customer {customer_id}", "invoice", due_date, Decimal(amount)
    )


DIFFERENCE = Difference(document("12", "10.00"), document("12", "9.00"))


@pytest.mark.parametrize("days", [1, 2, 3, 28, 30, 31, 32, 33, 900])
def test_every_first_day_is_found_in_as_many_reads_as_told(days: int) -> None:
    stretch = Stretch("realm", AGREES_ON, AGREES_ON + timedelta(days=days))
    for first in range(1, days + 1):
        first_day, read = AGREES_ON + timedelta(days=first), []

        def differences_on(day: date) -> list[Difference]:
            read.append(day)  # noqa: B023  called within this turn only
            return [DIFFERENCE] if day >= first_day else []  # noqa: B023

        assert first_parting(stretch, differences_on) == Parting(first_day, [DIFFERENCE])
        assert len(read) == len(set(read)) <= stretch.reads_max


def test_a_month_takes_one_read_and_five_halves() -> None:
    assert Stretch("realm", date(2026, 2, 28), date(2026, 3, 31)).reads_max == 6


def test_books_that_agree_by_now_have_no_day() -> None:
    stretch = Stretch("realm", AGREES_ON, date(2026, 3, 31))
    assert first_parting(stretch, lambda day: []) == Parting(None, [])


def test_documents_differ_by_amount_by_customer_or_by_being_there() -> None:
    ours = [document("1", "10.00"), document("2", "5.00"), document("3", "7.00")]
    theirs = [
        document("1", "9.99"),
        document("2", "5.00"),
        document("3", "7.00", customer_id="2"),
        document("4", "-100.00", customer_id="2"),
    ]

    found = differences_between(ours, theirs, customer_id=None)

    assert [(one.shown.customer_id, one.shown.transaction_id, one.amount) for one in found] == [
        ("2", "4", Decimal("100.00")),
        ("1", "3", Decimal("7.00")),
        ("2", "3", Decimal("-7.00")),
        ("1", "1", Decimal("0.01")),
    ]
    assert differences_between(ours, theirs, customer_id="1") == [found[1], found[3]]


def test_lines_of_one_transaction_are_one_document() -> None:
    ours = [document("8", "60.00"), document("8", "40.00")]
    assert differences_between(ours, [document("8", "100.00")], customer_id=None) == []


def test_a_charge_differs_by_its_due_date_and_a_credit_does_not() -> None:
    later = date(2026, 4, 30)
    charge, credit = document("1", "10.00"), document("2", "-10.00")
    theirs = [document("1", "10.00", due_date=later), document("2", "-10.00", due_date=later)]

    assert differences_between([charge, credit], theirs, customer_id=None) == [
        Difference(charge, theirs[0])
    ]
    untold = document("1", "10.00", due_date=None)
    assert differences_between([charge], [untold], customer_id=None) == []
