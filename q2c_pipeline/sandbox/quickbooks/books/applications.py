"""Which credit or cash settles which receivable, decided payment by payment.

Belongs here: matching the links of one payment, capped by what each document still has. Does not
belong here: what an application posts.

Credits come before cash, each oldest first, onto targets oldest first; only where one line names
a credit and what it settles, the two have nothing to do with the rest. A link to a document that
does not exist (or is void, or in another currency) applies nothing, so its cash stays unapplied:
the vendor states UnappliedAmt as the total less what is applied to documents that are there.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.customers import CustomerList
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


class Claim(NamedTuple):
    """What one link names: the items meant, all on one side, and how much of them."""

    items: Sequence[OpenItem]
    amount: Decimal

    @property
    def is_charge(self) -> bool:
        return self.items[0].is_debit


def applications_of(
    payment: Document, items: ItemsOfDocuments, customers: CustomerList
) -> Iterator[Settlement]:
    """Take what the payment claims off the ``unapplied`` of both sides and tell what it applies."""
    own = [item for item in items["Payment"].get(payment.record_id, ()) if not item.is_debit]
    cash = sum((item.unapplied for item in own), ZERO)
    for claims, is_common in _pools(payment, items, customers):
        funded = _funded(claims, cash if is_common else ZERO)
        parts = [part for claim in funded for part in _taken(claim)]
        targets = [part for part in parts if part[0].is_debit]
        credits = [part for part in parts if not part[0].is_debit]
        supplies = credits + [(item, item.unapplied) for item in own if is_common]
        yield from _matched(supplies, targets, payment)


def _pools(
    payment: Document, items: ItemsOfDocuments, customers: CustomerList
) -> Iterator[tuple[list[Claim], bool]]:
    """The claims of each line that names both sides, then those of all other lines together."""
    common: list[Claim] = []
    for line in payment.payment_lines:
        linked = [_linked_items(link, payment, items, customers) for link in line.links]
        claims = [Claim(meant, line.amount) for meant in linked if meant]
        if len({claim.is_charge for claim in claims}) == 2:
            yield claims, False
        else:
            common += claims
    yield common, True


def _funded(claims: Iterable[Claim], cash: Decimal) -> list[Claim]:
    """Oldest first; what no credit and no cash is there for is not claimed, nor credit to spare."""
    ordered = sorted(claims, key=lambda claim: claim.items[0].age_order)
    charged = sum((claim.amount for claim in ordered if claim.is_charge), ZERO)
    credited = sum((claim.amount for claim in ordered if not claim.is_charge), ZERO)
    left = {True: credited + cash, False: charged}
    funded = []
    for claim in ordered:
        amount = min(claim.amount, left[claim.is_charge])
        left[claim.is_charge] -= amount
        funded.append(claim._replace(amount=amount))
    return funded


def _taken(claim: Claim) -> Iterator[tuple[OpenItem, Decimal]]:
    """What the items still have for the claim, which earlier payments have left."""
    left = claim.amount
    for item in claim.items:
        part = min(left, item.unapplied)
        if part > 0:
            left -= part
            item.unapplied -= part
            yield item, part


def _matched(
    supplies: list[tuple[OpenItem, Decimal]],
    targets: list[tuple[OpenItem, Decimal]],
    payment: Document,
) -> Iterator[Settlement]:
    wanted = iter(targets)
    target, needed = next(wanted, (None, ZERO))
    for source, left in supplies:
        while target is not None and left > 0:
            applied = min(left, needed)
            left -= applied
            needed -= applied
            effective = max(source.date, target.date, payment.date)
            yield Settlement(source, target, applied, effective)
            if not needed:
                target, needed = next(wanted, (None, ZERO))


def _linked_items(
    link: Link, payment: Document, items: ItemsOfDocuments, customers: CustomerList
) -> Sequence[OpenItem]:
    """Lines of one customer, on the side that is larger there.

    Meant are the lines of the payer, else of its first job, else of whoever comes first.
    """
    linked = [
        item
        for item in items[link.object].get(link.record_id, ())
        if item.currency == payment.currency
    ]
    if len(linked) < 2:
        return linked
    if named := [item for item in linked if item.line_id == link.line_id]:
        return named
    owners = [item.customer_id for item in linked]
    if payment.customer_id in owners:
        owner = payment.customer_id
    else:
        jobs = (owner for owner in owners if customers.parent(owner) == payment.customer_id)
        owner = next(jobs, owners[0])
    own = [item for item in linked if item.customer_id == owner]
    is_charge = sum(item.total for item in own) >= 0
    return [item for item in own if item.is_debit is is_charge]
