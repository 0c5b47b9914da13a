"""A company's books beside its made-up deals: their invoices, and what became of those.

Belongs here: payments, credits, write-offs and sales for cash as chance has them. Does not belong
here: what they come to.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from tests.property.deals.billing import (
    CENT,
    CURRENCIES,
    ITEMS,
    Invoice,
    Record,
    account_of,
    billing_status,
    customer_of,
    head,
    instalments_of,
    invoices_of,
)
from tests.property.deals.lives import FIRST_DAY, Deal

RECEIVABLES, EQUITY = "84", "31"
UNLINKED_SHARE = 0.2
PARTS = (1, 1, Decimal("0.5"), Decimal("0.37"))
TOO_MUCH = (0, 0, 5)
"""Of a payment or a credit memo, beyond what it settles."""
SETTLEMENTS_MAX = 3
"""Of one invoice, beside what an overpayment of another brings it."""
CASH_DAYS = 300
CASH_SHARE = 0.1


class Books(NamedTuple):
    """A company's documents, and by deal the invoice ids that it stores and its billing status."""

    records: dict[str, list[Record]]
    stored: dict[str, list[str]]
    statuses: dict[str, Record]
    instalments: list[Record]


def books_of(entity: str, deals: Iterable[Deal]) -> Books:
    """Each deal has a chance of its own: what shares no invoice does not depend on neighbours."""
    own = [deal for deal in deals if deal.entity == entity]
    books = Books(defaultdict(list, _lists(own)), defaultdict(list), {}, [])
    for deal, neighbour in zip_longest(own, own[1:]):
        chance = random.Random(f"{entity} {deal.id}")
        invoices = list(invoices_of(chance, deal, neighbour))
        for invoice in invoices:
            if chance.random() > UNLINKED_SHARE:
                for deal_id in invoice.deal_ids:
                    books.stored[deal_id].append(invoice.id)
        books.statuses[deal.id] = billing_status(chance, deal)
        books.instalments.extend(instalments_of(chance, deal))
        desk = Desk(chance, deal, invoices)
        _settle(desk)
        _trade_for_cash(desk)
        for vendor_object, record in desk.entered:
            books.records[vendor_object].append(record)
    return books


class Desk:
    """Where a deal's documents are entered; ``left`` is what its invoices leave open."""

    def __init__(self, chance: random.Random, deal: Deal, invoices: list[Invoice]) -> None:
        self.chance = chance
        self.deal = deal
        self.invoices = invoices
        self.left = {invoice.id: invoice.total for invoice in invoices}
        self.entered = [("Invoice", invoice.record) for invoice in invoices]

    def enter(
        self, vendor_object: str, currency: str, day: date, total: Decimal, **fields: object
    ) -> str:
        """The new document's id."""
        document_id = f"2{self.deal.id[3:]}{len(self.entered):02}"
        record = head(self.deal, document_id, currency, day)
        self.entered.append((vendor_object, record | {"TotalAmt": float(total)} | fields))
        return document_id

    def tie(self, invoice: Invoice, part: Decimal, vendor_object: str, credit_id: str) -> None:
        """A payment of nothing that settles a part of an invoice by something else."""
        lines = [_applied(part, "Invoice", invoice.id), _applied(part, vendor_object, credit_id)]
        self.enter("Payment", invoice.currency, self.day_after(invoice), Decimal(0), Line=lines)

    def day_after(self, invoice: Invoice) -> date:
        """Or before it, by up to twenty days."""
        return invoice.day + timedelta(days=self.chance.randrange(-20, 90))

    def part_of(self, invoice: Invoice) -> Decimal:
        return (self.left[invoice.id] * self.chance.choice(PARTS)).quantize(CENT)

    def other_open(self, invoice: Invoice) -> Invoice | None:
        """Another invoice of the deal, in the same currency, of which something is owed."""
        found = (
            other
            for other in self.invoices
            if other != invoice and other.currency == invoice.currency and self.left[other.id] > 0
        )
        return next(found, None)


def _settle(desk: Desk) -> None:
    """Each invoice up to three times, often never; one below zero by another of its deal."""
    for invoice in desk.invoices:
        if invoice.total < 0 and (other := desk.other_open(invoice)):
            part = min(-invoice.total, desk.left[other.id])
            desk.left[other.id] -= part
            desk.tie(other, part, "Invoice", invoice.id)
        for settle in desk.chance.sample(SETTLEMENTS, desk.chance.randint(0, SETTLEMENTS_MAX)):
            if (part := desk.part_of(invoice)) > 0:
                desk.left[invoice.id] -= part
                settle(desk, invoice, part)


def _pay(desk: Desk, invoice: Invoice, part: Decimal) -> None:
    """Perhaps more than that: for another invoice of the deal, which may be later, or for none."""
    lines = [_applied(part, "Invoice", invoice.id)]
    total = part + desk.chance.choice(TOO_MUCH)
    if (other := desk.other_open(invoice)) and (part_of_other := desk.part_of(other)):
        lines.append(_applied(part_of_other, "Invoice", other.id))
        desk.left[other.id] -= part_of_other
        total += part_of_other
    desk.enter("Payment", invoice.currency, desk.day_after(invoice), total, Line=lines)


def _credit(desk: Desk, invoice: Invoice, part: Decimal) -> None:
    total = part + desk.chance.choice(TOO_MUCH)
    memo_id = desk.enter("CreditMemo", invoice.currency, desk.day_after(invoice), total)
    desk.tie(invoice, part, "CreditMemo", memo_id)


def _write_off(desk: Desk, invoice: Invoice, part: Decimal) -> None:
    customer = {"Type": "Customer", "EntityRef": invoice.record["CustomerRef"]}
    credit = {"PostingType": "Credit", "AccountRef": {"value": RECEIVABLES}, "Entity": customer}
    debit = {"PostingType": "Debit", "AccountRef": {"value": EQUITY}}
    lines = [
        {
            "Id": str(number),
            "DetailType": "JournalEntryLineDetail",
            "Amount": float(part),
            "JournalEntryLineDetail": detail,
        }
        for number, detail in enumerate((credit, debit))
    ]
    day = desk.day_after(invoice)
    entry_id = desk.enter("JournalEntry", invoice.currency, day, Decimal(0), Line=lines)
    desk.tie(invoice, part, "JournalEntry", entry_id)


SETTLEMENTS: tuple[Callable[[Desk, Invoice, Decimal], None], ...] = (
    _pay, _pay, _pay, _credit, _write_off,
)  # fmt: skip


def _trade_for_cash(desk: Desk) -> None:
    """Sales and refunds that touch no receivables and name no deal."""
    for vendor_object in ("SalesReceipt", "RefundReceipt"):
        if desk.chance.random() < CASH_SHARE:
            day = FIRST_DAY + timedelta(days=desk.chance.randrange(CASH_DAYS))
            amount = Decimal(desk.chance.randint(1, 90_000)) / 100
            desk.enter(vendor_object, desk.chance.choice(CURRENCIES), day, amount)


def _applied(amount: Decimal, vendor_object: str, document_id: str) -> Record:
    link = {"TxnId": document_id, "TxnType": vendor_object}
    return {"Amount": float(amount), "LinkedTxn": [link]}


def _lists(deals: list[Deal]) -> dict[str, list[Record]]:
    customers = sorted({customer_of(account_of(deal)) for deal in deals})
    return {
        "Account": [
            {"Id": RECEIVABLES, "Name": "Receivables", "AccountType": "Accounts Receivable"},
            {"Id": EQUITY, "Name": "Equity", "AccountType": "Equity"},
        ],
        "Customer": [{"Id": id, "DisplayName": f"Customer {id}"} for id in customers],
        "Item": [{"Id": item, "Name": f"Item {item}", "Sku": f"SKU-{item}"} for item in ITEMS],
    }
