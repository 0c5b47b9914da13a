"""What a planted case is.

Belongs here: the form of a case, and on which day things happen soon. Does not belong here: any
case.
"""

from collections.abc import Callable
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.desk import Desk
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.days import business_day_from

MINIMUM_OF_EACH = 2


class Case(NamedTuple):
    """``age_days`` (from, to) bound how long before the last day the invoice was written."""

    kind: str
    play: Callable[[Desk, Invoice], None]
    per_thousand: int
    age_days: tuple[int, int] = (0, 10_000)
    suits: Callable[[Invoice], bool] = lambda invoice: True


def soon(desk: Desk, day: int, first: int, last: int) -> int:
    """An office day from ``first`` to ``last`` days on, or the last day if that comes sooner."""
    return min(business_day_from(day + desk.random.randint(first, last)), profile.LAST_DAY)
