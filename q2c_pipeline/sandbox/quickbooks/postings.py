"""Double entry: postings, the entries they form, and the ledger that adds them up by account.

Belongs here: home amounts that sum to zero. Does not belong here: reading records.
"""

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.sandbox.quickbooks.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.record_fields import ZERO, to_cents
from q2c_pipeline.sandbox.quickbooks.source_documents import Document, DocumentLine


class UnbalancedEntry(Q2CError):
    pass


class Posting(NamedTuple):
    """A debit where positive; ``item`` is the receivable it creates or relieves."""

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


def document_entry(
    document: Document, items: Iterable[OpenItem], *, exchange_account: str
) -> Entry:
    """Every line rounded to cents on its own; what rounding leaves is exchange gain or loss.

    ``items`` are the receivable lines of the document, in the order of its lines.
    """
    receivables = iter(items)
    postings = [
        Posting(
            line.account_id,
            document.currency,
            line.amount,
            to_cents(line.amount * document.rate),
            next(receivables) if is_receivable_line(line) else None,
        )
        for line in document.lines
    ]
    rounding = -sum((posting.home for posting in postings), ZERO)
    if rounding:
        postings.append(Posting(exchange_account, document.currency, ZERO, rounding))
    return Entry(document.date, document.object, document.record_id, tuple(postings))


def is_receivable_line(line: DocumentLine) -> bool:
    return line.customer_id is not None and bool(line.amount)
