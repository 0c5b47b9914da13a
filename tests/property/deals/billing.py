"""Books beside made-up deals: invoices that bill them, or not quite, or nobody, and what was paid.

Belongs here: vendor documents as chance has them. Does not belong here: what they come to.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from tests.property.deals.lives import FIRST_DAY, Deal
from tests.property.deals.model import RATES

CENT = Decimal("0.01")
CUSTOMERS_PER_COMPANY = 12
ITEMS = ("1", "2", "3")
INVOICES_PER_DEAL = (0, 0, 1, 1, 2, 3)
DAYS = 300
"""From the first deal's day on; the last of them lie after the as-of date."""
SHARED_SHARE, UNLINKED_SHARE = 0.1, 0.15

Records = dict[str, list[dict[str, Any]]]


class Invoice(NamedTuple):
    """``total`` is gross, in ``currency``; positive is owed to us."""

    id: str
    day: date
    currency: str
    total: Decimal
    record: dict[str, Any]


class Books(NamedTuple):
    """The documents of a company, and the invoice ids that its deals store."""

    records: Records
    invoices: list[Invoice]
    cash: list[tuple[date, Decimal]]
    stored: dict[str, list[str]]


def account_of(deal: Deal) -> str:
    number = int(deal.id[3:]) % CUSTOMERS_PER_COMPANY
    return f"001{deal.entity}{number:02}"


def customer_of(account: str) -> str:
    return account.removeprefix("001")


def rate_on(currency: str, day: date) -> Decimal:
    rates = RATES[currency]
    return max((rate for rate in rates if rate[0] <= day), default=rates[0])[1]


def at_home(amount: Decimal, currency: str, day: date) -> Decimal:
    return (amount * rate_on(currency, day)).quantize(CENT, ROUND_HALF_UP)


def books_of(entity: str, deals: Iterable[Deal]) -> Books:
    chance = random.Random(f"books of {entity}")
    books = Books(defaultdict(list), [], [], defaultdict(list))
    own = [deal for deal in deals if deal.entity == entity]
    for number in range(CUSTOMERS_PER_COMPANY):
        books.records["Customer"].append(
            {"Id": f"{entity}{number:02}", "DisplayName": f"Customer {number}"}
        )
    for item in ITEMS:
        books.records["Item"].append({"Id": item, "Name": f"Item {item}", "Sku": f"SKU-{item}"})
    for deal in own:
        for _ in range(chance.choice(INVOICES_PER_DEAL)):
            invoice = _invoice(chance, deal, len(books.invoices) + 1)
            books.invoices.append(invoice)
            if chance.random() > UNLINKED_SHARE:
                books.stored[deal.id].append(invoice.id)
            if chance.random() < SHARED_SHARE:
                books.stored[chance.choice(own).id].append(invoice.id)
    books.records["Invoice"] = [invoice.record for invoice in books.invoices]
    for number, invoice in enumerate(books.invoices):
        for payment in _paid(chance, invoice, number):
            books.records["Payment"].append(payment)
            day = date.fromisoformat(payment["TxnDate"])
            amount = Decimal(str(payment["TotalAmt"]))
            books.cash.append((day, at_home(amount, invoice.currency, day)))
    return books


def _invoice(chance: random.Random, deal: Deal, number: int) -> Invoice:
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    currency = chance.choice(("USD", "EUR"))
    lines = [_line(chance, position) for position in range(chance.randint(1, 3))]
    net = sum((Decimal(str(line["Amount"])) for line in lines), Decimal(0))
    tax = (net * chance.choice((0, 0, 1)) / 10).quantize(CENT)
    total = net + tax
    record = {
        "Id": str(number),
        "CustomerRef": {"value": customer_of(account_of(deal))},
        "TxnDate": day.isoformat(),
        "DueDate": (day + timedelta(days=30)).isoformat(),
        "CurrencyRef": {"value": currency},
        "ExchangeRate": float(rate_on(currency, day)),
        "TotalAmt": float(total),
        "TxnTaxDetail": {"TotalTax": float(tax)},
        "Line": lines,
    }
    return Invoice(str(number), day, currency, total, record)


def _line(chance: random.Random, position: int) -> dict[str, Any]:
    quantity, price = chance.randint(1, 6), Decimal(chance.randint(-200, 5_000)) / 100
    return {
        "Id": str(position + 1),
        "DetailType": "SalesItemLineDetail",
        "Amount": float(quantity * price),
        "SalesItemLineDetail": {
            "ItemRef": {"value": chance.choice(ITEMS)},
            "Qty": quantity,
            "UnitPrice": float(price),
        },
    }


def _paid(chance: random.Random, invoice: Invoice, number: int) -> Iterator[dict[str, Any]]:
    """In full, in part, or more than is owed, which stays unapplied; perhaps never."""
    if invoice.total <= 0 or chance.random() < 0.3:
        return
    applied = (invoice.total * chance.choice((1, 1, Decimal("0.37")))).quantize(CENT)
    if not applied:
        return
    day = invoice.day + timedelta(days=chance.randrange(-20, 90))
    yield {
        "Id": f"9{number:06}",
        "CustomerRef": invoice.record["CustomerRef"],
        "TxnDate": day.isoformat(),
        "CurrencyRef": {"value": invoice.currency},
        "ExchangeRate": float(rate_on(invoice.currency, day)),
        "TotalAmt": float(applied + chance.choice((0, 0, 5))),
        "Line": [
            {
                "Amount": float(applied),
                "LinkedTxn": [{"TxnId": invoice.id, "TxnType": "Invoice"}],
            }
        ],
    }
