"""Which credit or cash settles which receivable, decided payment by payment.

Belongs here: matching the links of one payment, capped by what each document still has. Does not
belong here: what an application posts.

Credits come before cash, each oldest first, onto targets oldest first; only where one line names
a credit and what it settles, the two have nothing to do with the rest. A link to a document that
does not exist (or is void, or in another currency) applies nothing, so its cash stays unapplied:
the vendor states UnappliedAmt as the total less what is applied to documents that are there.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.document_lines import Document, Link
from q2c_pipeline.sandbox.quickbooks.books.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO

ItemsOfDocuments = Mapping[str, Mapping[str, Sequence[OpenItem]]]
"""Receivable items by vendor object and record id."""


class Settlement(NamedTuple):
    """``source`` settles ``target``; it counts from the latest of the dates involved.

    A down payment has no source of its own in the receivables; it names the account that took it.
    """

    source: OpenItem | None
    target: OpenItem
    amount: Decimal
    effective: datetime.date
    cash_account: str = ""


def down_payment_of(invoice: Document, items: ItemsOfDocuments) -> Iterator[Settlement]:
    for target in items["Invoice"].get(invoice.record_id, ()):
        amount = invoice.down_payment
        target.unapplied -= amount
        yield Settlement(None, target, amount, invoice.date, invoice.down_payment_account)


class Claims(NamedTuple):
    """Amounts that lines of a payment name, per debit and per credit item."""

    targets: dict[OpenItem, Decimal]
    credits: dict[OpenItem, Decimal]

    def of(self, item: OpenItem) -> Decimal:
        return (self.targets if item.is_debit else self.credits).get(item, ZERO)

    def add(self, item: OpenItem, amount: Decimal) -> None:
        side = self.targets if item.is_debit else self.credits
        side[item] = side.get(item, ZERO) + amount


def applications_of(payment: Document, items: ItemsOfDocuments) -> Iterator[Settlement]:
    """Take the payment's applications off the ``unapplied`` of both sides and tell them."""
    paired, common = _claims(payment, items)
    for claims in paired:
        yield from _matched(claims, _oldest_first(claims.credits), payment)
    own = items["Payment"].get(payment.record_id, ())
    cash = [(item, item.unapplied) for item in own if not item.is_debit]
    yield from _matched(common, [*_oldest_first(common.credits), *cash], payment)


def _matched(
    claims: Claims, supplies: list[tuple[OpenItem, Decimal]], payment: Document
) -> Iterator[Settlement]:
    wanted = iter(_oldest_first(claims.targets))
    target, needed = next(wanted, (None, ZERO))
    for source, left in supplies:
        while target is not None and left > 0:
            applied = min(left, needed)
            left -= applied
            needed -= applied
            source.unapplied -= applied
            target.unapplied -= applied
            effective = max(source.date, target.date, payment.date)
            yield Settlement(source, target, applied, effective)
            if not needed:
                target, needed = next(wanted, (None, ZERO))


def _claims(payment: Document, items: ItemsOfDocuments) -> tuple[list[Claims], Claims]:
    """The claims of each line that names both sides, and those of all other lines together."""
    paired: list[Claims] = []
    common, every = Claims({}, {}), Claims({}, {})
    for line in payment.payment_lines:
        own = Claims({}, {})
        left = {True: line.amount, False: line.amount}
        for link in line.links:
            for item in _linked_items(link, payment, items):
                claim = min(left[item.is_debit], item.unapplied - every.of(item))
                if claim > 0:
                    left[item.is_debit] -= claim
                    own.add(item, claim)
                    every.add(item, claim)
        if own.targets and own.credits:
            paired.append(own)
        else:
            for item, claim in (own.targets | own.credits).items():
                common.add(item, claim)
    return paired, common


def _linked_items(link: Link, payment: Document, items: ItemsOfDocuments) -> Sequence[OpenItem]:
    """The larger side of the document, of the payment's own customer where it has lines there."""
    linked = [
        item
        for item in items[link.object].get(link.record_id, ())
        if item.currency == payment.currency
    ]
    if len(linked) < 2:
        return linked
    named = [item for item in linked if item.line_id == link.line_id]
    own = [item for item in linked if item.customer_id == payment.customer_id]
    linked = named or own or linked
    is_charge = sum(item.total for item in linked) >= 0
    return [item for item in linked if item.is_debit is is_charge]


def _oldest_first(claims: Mapping[OpenItem, Decimal]) -> list[tuple[OpenItem, Decimal]]:
    return sorted(claims.items(), key=lambda claim: claim[0].age_order)
