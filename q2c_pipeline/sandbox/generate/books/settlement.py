"""What settles what, from which day, and what is left open.

Belongs here: the order in which a payment's sources meet its targets, and balances. Does not
belong here: how payments come about. An application counts from the latest of the days of its
source, its target and the payment that ties them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Document, Invoice, JournalEntry, Payment
from q2c_pipeline.sandbox.generate.days import AS_OF_DAYS, first_as_of
from q2c_pipeline.sandbox.generate.money import home_cents


class OpenItem(NamedTuple):
    """``cents`` are signed: positive is owed to the firm."""

    as_of: int
    document: Document
    line: int
    customer: Customer
    cents: int


def settle_books(documents: Iterable[Document], customers: Iterable[Customer]) -> None:
    """Fills in every document's applications and every customer's balance."""
    for document in documents:
        if isinstance(document, Payment) and document.is_in_books:
            _apply(document)
        elif isinstance(document, Invoice) and document.deposit and document.is_in_books:
            _settle(document, document.day, document.deposit)
    for document in documents:
        _carry_to_customer(document)
    for customer in customers:
        customer.updated = max(customer.updated, customer.created)


def _carry_to_customer(document: Document) -> None:
    if not document.sign:
        return
    open_amount = document.sign * document.open
    carry(document, document.customer, open_amount)
    if isinstance(document, JournalEntry) and document.other_customer is not None:
        carry(document, document.other_customer, -open_amount)


def carry(document: Document, customer: Customer, cents: int) -> None:
    """What the document leaves open, to the customer's balance."""
    customer.updated = max(customer.updated, document.updated)
    if cents:
        customer.balance += cents
        if document.day <= profile.CLOCK_DAY:
            due = document.due if isinstance(document, Invoice) else document.day
            customer.owe(home_cents(cents, document.rate), due)


def _apply(payment: Payment) -> None:
    targets: dict[Document, int] = {}
    credits: dict[Document, int] = {}
    for line in payment.lines:
        for document in line.linked:
            side = targets if document.sign > 0 else credits
            side[document] = side.get(document, 0) + line.amount
    cash = payment.total - payment.unapplied
    sources = [*_oldest_first(credits), (payment, cash)] if cash else _oldest_first(credits)
    for source, target, cents in _pair(sources, _oldest_first(targets)):
        day = max(source.day, target.day, payment.day)
        _settle(source, day, cents)
        _settle(target, day, cents)


def _oldest_first(parts: dict[Document, int]) -> list[tuple[Document, int]]:
    if len(parts) < 2:
        return list(parts.items())
    return sorted(parts.items(), key=lambda part: (part[0].day, part[0].id))


def _pair(
    sources: list[tuple[Document, int]], targets: list[tuple[Document, int]]
) -> Iterator[tuple[Document, Document, int]]:
    """Each source spent in turn onto each target in turn, until either side is used up."""
    remaining = iter(sources)
    available = 0
    for target, wanted in targets:
        while wanted:
            if not available:
                source, available = next(remaining)
            cents = min(available, wanted)
            yield source, target, cents
            available -= cents
            wanted -= cents


def _settle(document: Document, day: int, cents: int) -> None:
    if document.applications is None:
        document.applications = []
    document.applications.append((day, cents))


def open_items(document: Document) -> Iterator[OpenItem]:
    """What the document leaves open at each as-of date, by rising date."""
    if not document.sign or not document.is_in_books:
        return
    other = document.other_customer if isinstance(document, JournalEntry) else None
    applications = document.applications or ()
    closed_from = max((day for day, _ in applications), default=0) if not document.open else None
    for position in range(first_as_of(document.day), len(AS_OF_DAYS)):
        as_of = AS_OF_DAYS[position]
        if closed_from is not None and as_of >= closed_from:
            return
        cents = document.total - sum(part for day, part in applications if day <= as_of)
        if cents:
            yield OpenItem(as_of, document, 0, document.customer, document.sign * cents)
            if other is not None:
                yield OpenItem(as_of, document, 1, other, -document.sign * cents)
