"""Double entry: postings, the entries they form, and the ledger that adds them up by account.

Belongs here: home amounts that sum to zero. Does not belong here: reading records.
"""

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from sys import intern
from typing import NamedTuple

from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.sandbox.quickbooks.books.applications import Settlement
from q2c_pipeline.sandbox.quickbooks.books.document_lines import Document
from q2c_pipeline.sandbox.quickbooks.books.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO, to_cents


class UnbalancedEntry(Q2CError):
    pass


class Posting(NamedTuple):
    """A debit where positive; ``item`` is the receivable it creates or relieves.

    A rounding or exchange difference moves home currency only and has no currency of its own.
    """

    account_id: str
    currency: str
    amount: Decimal
    home: Decimal
    item: OpenItem | None = None


class Entry(NamedTuple):
    date: datetime.date
    object: str
    record_id: str
    postings: tuple[Posting, ...]


class Ledger:
    """Home balances per account; entries must balance and come before the first question."""

    def __init__(self) -> None:
        self._moved: dict[str, dict[datetime.date, Decimal]] = defaultdict(dict)
        self._running: dict[str, tuple[list[datetime.date], list[Decimal]]] = {}

    def post(self, entry: Entry) -> None:
        imbalance = ZERO
        for posting in entry.postings:
            imbalance += posting.home
        if imbalance:
            raise UnbalancedEntry(
                f"{entry.object} {entry.record_id} posts {imbalance} more debits than credits"
            )
        for posting in entry.postings:
            days = self._moved[posting.account_id]
            days[entry.date] = days.get(entry.date, ZERO) + posting.home
        self._running.clear()

    def balances(self, day: datetime.date) -> dict[str, Decimal]:
        """Debit balance of every account that was ever posted to on or before the day."""
        if not self._running:
            self._running = {
                account_id: _running_total(days.items()) for account_id, days in self._moved.items()
            }
        found = {}
        for account_id, (days, totals) in self._running.items():
            position = bisect_right(days, day)
            if position:
                found[account_id] = totals[position - 1]
        return found


def _running_total(
    moved: Iterable[tuple[datetime.date, Decimal]],
) -> tuple[list[datetime.date], list[Decimal]]:
    days: list[datetime.date] = []
    totals: list[Decimal] = []
    total = ZERO
    for day, amount in sorted(moved):
        total += amount
        days.append(day)
        totals.append(total)
    return days, totals


def receivable_items(document: Document) -> tuple[OpenItem, ...]:
    return tuple(
        OpenItem(
            object=document.object,
            record_id=document.record_id,
            line_id=line.line_id,
            label=document.label,
            number=document.number,
            customer_id=intern(line.customer_id),
            account_id=line.account_id,
            currency=document.currency,
            rate=document.rate,
            date=document.date,
            due_date=document.due_date,
            term_id=document.term_id,
            total=line.amount,
        )
        for line in document.lines
        if line.customer_id is not None and line.amount
    )


def document_entry(
    document: Document, items: Iterable[OpenItem], *, exchange_account: str
) -> Entry:
    """Every line rounded to cents on its own; what rounding leaves is exchange gain or loss."""
    receivables = iter(items)
    postings = [
        Posting(
            line.account_id,
            document.currency,
            line.amount,
            line.amount if document.rate == 1 else to_cents(line.amount * document.rate),
            next(receivables) if line.customer_id is not None and line.amount else None,
        )
        for line in document.lines
    ]
    return _entry(document.object, document.record_id, document.date, postings, exchange_account)


def settlement_entry(settlement: Settlement, *, exchange_account: str) -> Entry:
    """Relieves both sides, each at its own rate; the difference is exchange gain or loss."""
    target, source = settlement.target, settlement.source
    credit = target.relieve(settlement.amount, effective=settlement.effective)
    postings = [Posting(target.account_id, target.currency, credit.amount, credit.home, target)]
    if source is None:
        postings.append(
            Posting(settlement.cash_account, target.currency, settlement.amount, -credit.home)
        )
    else:
        debit = source.relieve(settlement.amount, effective=settlement.effective)
        postings.append(
            Posting(source.account_id, source.currency, debit.amount, debit.home, source)
        )
    cause = source or target
    return _entry(cause.object, cause.record_id, settlement.effective, postings, exchange_account)


def _entry(
    object_name: str,
    record_id: str,
    day: datetime.date,
    postings: list[Posting],
    exchange_account: str,
) -> Entry:
    difference = ZERO
    for posting in postings:
        difference -= posting.home
    if difference:
        postings.append(Posting(exchange_account, "", ZERO, difference))
    return Entry(day, object_name, record_id, tuple(postings))
