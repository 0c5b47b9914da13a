"""How made-up deals are billed: line by line, in parts, by progress, or for something else.

Belongs here: invoices, and what a CRM says of a deal's billing. Does not belong here: what is paid.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from tests.property.deals.lives import FIRST_DAY, Deal
from tests.property.deals.model import RATES

CENT = Decimal("0.01")
DEALS_PER_CUSTOMER = 30
"""Of all companies together."""
ITEMS = ("1", "2", "3", "4", "5")
CURRENCIES = ("USD", "EUR")
INVOICES_PER_DEAL = (0, 0, 1, 1, 2, 3, 4)
DAYS = 250
PAUSES = (0, 20, 30, 31, 100)
"""Days between two invoices of a deal; after the longest the deal has gone quiet."""
DISCOUNTS, TAXES = (0, 0, 5, 10), (0, 0, 10)
"""In percent."""
USUAL_SHARE = 0.8
"""Of the invoices that follow their deal's way of billing, and bill in its currency."""
LINES_BILLED_SHARE, EXTRA_LINE_SHARE, BUNDLED_SHARE = 0.9, 0.15, 0.1
SHARED_SHARE = 0.1
INSTALMENTS_SHARE, INSTALMENTS_MAX = 0.3, 3
STATUSES = (None, None, None, "Complete", "Cancelled")

Record = dict[str, Any]


class Sold(NamedTuple):
    """A line; ``price`` is for one piece, in any currency."""

    item: str
    quantity: int
    price: Decimal


class Invoice(NamedTuple):
    """``total`` is gross, in ``currency``; positive is owed to us."""

    id: str
    day: date
    currency: str
    total: Decimal
    deal_ids: list[str]
    record: Record


def account_of(deal: Deal) -> str:
    return f"001{deal.entity}{int(deal.id[3:]) // DEALS_PER_CUSTOMER:05}"


def customer_of(account: str) -> str:
    return account.removeprefix("001")


def item_of(deal_line_id: str) -> str:
    return ITEMS[int(deal_line_id[3:]) % len(ITEMS)]


def at_home(amount: Decimal, currency: str, day: date) -> Decimal:
    return (amount * rate_on(currency, day)).quantize(CENT, ROUND_HALF_UP)


def rate_on(currency: str, day: date) -> Decimal:
    rates = RATES[currency]
    return max((rate for rate in rates if rate[0] <= day), default=rates[0])[1]


def head(deal: Deal, document_id: str, currency: str, day: date) -> Record:
    """What every document that concerns a deal's customer begins with."""
    return {
        "Id": document_id,
        "CustomerRef": {"value": customer_of(account_of(deal))},
        "TxnDate": day.isoformat(),
        "CurrencyRef": {"value": currency},
        "ExchangeRate": float(rate_on(currency, day)),
    }


def invoices_of(chance: random.Random, deal: Deal, neighbour: Deal | None) -> Iterator[Invoice]:
    """From about the close date on or from any day; the last may lie after the as-of date.

    Of the neighbour a shared invoice bills all lines whole, so that it draws nothing for it.
    """
    count = chance.choice(INVOICES_PER_DEAL)
    usual_way = chance.choice(WAYS)
    day = chance.choice(
        (
            deal.versions[-1].close_date - timedelta(days=chance.randrange(10)),
            FIRST_DAY + timedelta(days=chance.randrange(DAYS)),
        )
    )
    for number in range(count):
        way = usual_way if chance.random() < USUAL_SHARE else chance.choice(WAYS)
        lines = [
            way(chance, line, count) for line in _sold(deal) if chance.random() < LINES_BILLED_SHARE
        ]
        if chance.random() < EXTRA_LINE_SHARE:
            lines.append(_anything(chance))
        billed = [deal]
        if chance.random() < SHARED_SHARE and neighbour:
            billed.append(neighbour)
            lines += _sold(neighbour)
        yield _invoice(chance, billed, f"1{deal.id[3:]}{number}", day, lines)
        day += timedelta(days=chance.choice(PAUSES))


def billing_status(chance: random.Random, deal: Deal) -> Record:
    """The fields in which a CRM says that billing has ended, with its date or without, or not."""
    status = chance.choice(STATUSES)
    if status is None or chance.random() < 0.5:
        return {"Billing_Status__c": status}
    day = deal.versions[-1].close_date + timedelta(days=chance.randrange(-10, 120))
    return {"Billing_Status__c": status, "Billing_Closed_Date__c": day.isoformat()}


def instalments_of(chance: random.Random, deal: Deal) -> Iterator[Record]:
    """Of each line that the deal has now, the same days."""
    if chance.random() > INSTALMENTS_SHARE:
        return
    count = chance.randint(1, INSTALMENTS_MAX)
    for line_id, life in deal.lines.items():
        if line := life.versions[-1][1]:
            for number in range(count):
                day = deal.versions[-1].close_date + timedelta(days=30 * number)
                yield {
                    "Id": f"{line_id}{number}",
                    "OpportunityLineItemId": line_id,
                    "Type": "Revenue",
                    "Revenue": float((line.quantity * line.price / count).quantize(CENT)),
                    "ScheduleDate": day.isoformat(),
                }


def _sold(deal: Deal) -> list[Sold]:
    """The lines of the deal as it is now; without any, one piece for its amount."""
    lines = [
        Sold(item_of(line_id), line.quantity, line.price)
        for line_id, life in deal.lines.items()
        if (line := life.versions[-1][1])
    ]
    return lines or [Sold(ITEMS[0], 1, deal.versions[-1].amount or Decimal(0))]


def _whole(_: random.Random, line: Sold, count: int) -> Sold:
    return line


def _in_part(chance: random.Random, line: Sold, count: int) -> Sold:
    return line._replace(quantity=chance.randint(1, line.quantity))


def _by_progress(_: random.Random, line: Sold, count: int) -> Sold:
    """Every invoice states the whole quantity, at its part of the price."""
    return line._replace(price=(line.price / count).quantize(CENT))


def _repriced(chance: random.Random, line: Sold, count: int) -> Sold:
    price = line.price * chance.choice((90, 99, 120)) / 100
    return line._replace(price=price.quantize(CENT))


def _anything(chance: random.Random, *_: object) -> Sold:
    price = Decimal(chance.randint(-200, 5_000)) / 100
    return Sold(chance.choice(ITEMS), chance.randint(1, 6), price)


WAYS: tuple[Callable[[random.Random, Sold, int], Sold], ...] = (
    _whole, _in_part, _in_part, _by_progress, _repriced, _anything,
)  # fmt: skip


def _invoice(
    chance: random.Random, deals: list[Deal], invoice_id: str, day: date, sold: list[Sold]
) -> Invoice:
    """In the name of the first deal's customer; less a discount, with tax on top or within."""
    own = deals[0].versions[-1].currency
    is_own = own in CURRENCIES and chance.random() < USUAL_SHARE
    currency = own if is_own else chance.choice(CURRENCIES)
    lines = [_line(line) for line in sold]
    if chance.random() < BUNDLED_SHARE:
        lines = [_bundle(lines)]
    total = sum((line.quantity * line.price for line in sold), Decimal(0))
    if discount := (total * chance.choice(DISCOUNTS) / 100).quantize(CENT):
        lines.append({"DetailType": "DiscountLineDetail", "Amount": float(discount)})
        total -= discount
    percent, is_inclusive = chance.choice(TAXES), chance.random() < 0.3
    tax = (total * percent / (100 + percent * is_inclusive)).quantize(CENT)
    if not is_inclusive:
        total += tax
    record = {
        **head(deals[0], invoice_id, currency, day),
        "DueDate": (day + timedelta(days=30)).isoformat(),
        "TotalAmt": float(total),
        "TxnTaxDetail": {"TotalTax": float(tax)},
        "GlobalTaxCalculation": "TaxInclusive" if is_inclusive else "TaxExcluded",
        "Line": lines,
    }
    return Invoice(invoice_id, day, currency, total, [deal.id for deal in deals], record)


def _line(line: Sold) -> Record:
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": float(line.quantity * line.price),
        "SalesItemLineDetail": {
            "ItemRef": {"value": line.item},
            "Qty": line.quantity,
            "UnitPrice": float(line.price),
        },
    }


def _bundle(lines: list[Record]) -> Record:
    return {
        "DetailType": "GroupLineDetail",
        "Amount": 0,
        "GroupLineDetail": {"Quantity": 1, "Line": lines},
    }
