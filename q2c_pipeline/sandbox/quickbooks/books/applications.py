"""Which credit or cash settles which receivable, decided payment by payment.

Belongs here: matching the links of one payment, capped by what each document still has. Does not
belong here: what an application posts.

Credits come before cash, each oldest first, onto targets oldest first. A link to a document that
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


def applications_of(payment: Document, items: ItemsOfDocuments) -> Iterator[Settlement]:
    """Take the payment's applications off the ``unapplied`` of both sides and tell them."""
    targets, credits = _claims(payment, items)
    own = items["Payment"].get(payment.record_id, ())
    cash = [(item, item.unapplied) for item in own if not item.is_debit]
    supplies = [*_oldest_first(credits), *cash]
    wanted = iter(_oldest_first(targets))
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


def _claims(
    payment: Document, items: ItemsOfDocuments
) -> tuple[dict[OpenItem, Decimal], dict[OpenItem, Decimal]]:
    """Amounts that the payment's lines name, per debit and per credit item."""
    targets: dict[OpenItem, Decimal] = {}
    credits: dict[OpenItem, Decimal] = {}
    for line in payment.payment_lines:
        linked = [item for link in line.links for item in _linked_items(link, payment, items)]
        for is_debit, claims in ((True, targets), (False, credits)):
            left = line.amount
            for item in linked:
                if item.is_debit is is_debit:
                    claimed = claims.get(item, ZERO)
                    claim = min(left, item.unapplied - claimed)
                    if claim > 0:
                        claims[item] = claimed + claim
                        left -= claim
    return targets, credits


def _linked_items(link: Link, payment: Document, items: ItemsOfDocuments) -> Sequence[OpenItem]:
    """One side of the linked document, of the payment's own customer where it has lines there."""
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
    debits = [item for item in linked if item.is_debit]
    credits = [item for item in linked if not item.is_debit]
    debits_have_more = sum(i.unapplied for i in debits) > sum(i.unapplied for i in credits)
    return debits if debits_have_more else credits


def _oldest_first(claims: Mapping[OpenItem, Decimal]) -> list[tuple[OpenItem, Decimal]]:
    return sorted(claims.items(), key=lambda claim: claim[0].age_order)
