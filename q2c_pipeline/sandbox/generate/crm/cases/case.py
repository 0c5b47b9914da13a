"""What a case of the sales side is.

Belongs here: the form of a case, and which day it is when. Does not belong here: any case.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.catalogue import AT_COST, Item
from q2c_pipeline.sandbox.generate.books.documents import Invoice, SalesLine
from q2c_pipeline.sandbox.generate.crm.deal import Deal, DealLine
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM
from q2c_pipeline.sandbox.generate.days import business_day_from, month_start, months_later

MINIMUM_OF_EACH = 2
#: Nobody expects another invoice of a deal after so many days without one.
QUIET_DAYS = 90
QUIET_DAYS_UNCLEAR = 2


class DealCase(NamedTuple):
    """Played on a won deal that was billed; ``per_thousand`` invoices of the company."""

    kind: str
    play: Callable[[Deal, Random], None]
    per_thousand: int
    suits: Callable[[Deal], bool] = lambda deal: True


def last_invoice_day(deal: Deal) -> int:
    return max((billing.invoice.day for billing in deal.billings), default=deal.close_day)


def quiet_day(deal: Deal) -> int:
    """The day on which nobody expects another invoice any more."""
    return last_invoice_day(deal) + QUIET_DAYS


def is_clearly_quiet(deal: Deal) -> bool:
    """The day is over, and its month is certain however its days are counted."""
    day = quiet_day(deal)
    first, last = day - QUIET_DAYS_UNCLEAR, day + QUIET_DAYS_UNCLEAR
    return last < profile.LAST_DAY and month_start(first) == month_start(last)


def closing_day(deal: Deal, random: Random) -> int:
    """Some day of the month after the last invoice."""
    return business_day_from(months_later(last_invoice_day(deal), 1) + random.randint(0, 20))


def sold(deal: Deal) -> list[tuple[Invoice, SalesLine]]:
    """Every line that the deal's invoices bill of it, oldest first."""
    return [
        (billing.invoice, line)
        for billing in sorted(deal.billings, key=lambda each: (each.invoice.day, each.invoice.id))
        for line in billing.lines
    ]


def lines_of(deal: Deal, line: DealLine) -> list[tuple[Invoice, SalesLine]]:
    """What was billed of one of the deal's lines, as booked."""
    return [
        (invoice, each)
        for invoice, each in sold(deal)
        if OF_ITEM[each.item.id] == line.product and each.price == line.price
    ]


def is_at_cost(line: DealLine) -> bool:
    return line.product.number == AT_COST


def is_for_sale_beside(deal: Deal, item: Item) -> bool:
    """Whether it is sold by the piece, and the deal has nothing to do with it yet."""
    taken = {line.item.id for _, line in sold(deal)} | {each.product.number for each in deal.lines}
    return item.id != AT_COST and item.id not in taken
