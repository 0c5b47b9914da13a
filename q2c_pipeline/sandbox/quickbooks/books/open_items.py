"""A receivable document (or one journal, deposit or expense line) and what has relieved it.

Belongs here: the open amount of one item at a date. Does not belong here: which payment relieves
which item.
"""

import datetime
from decimal import Decimal
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO, id_order, to_cents


class Relief(NamedTuple):
    """Signed against the item: a relief of an invoice is negative."""

    effective: datetime.date
    amount: Decimal
    home: Decimal


class OpenItem:
    """One posting to accounts receivable; ``total`` is positive for what the customer owes.

    object, record_id, line_id  the vendor's object and id; a line's id where the line is the item
    label                       the transaction type as reports print it
    number                      the document number a person knows it by
    total, total_home           as posted, in transaction and in home currency
    open_amount, open_home      what is open at present, future reliefs taken off
    unapplied                   what applications have not claimed yet, without a sign
    reliefs                     in the order of their effective dates
    term_id                     the term by which it is due, where no date is given
    closed_on                   the date from which nothing is open
    """

    __slots__ = (
        "account_id",
        "closed_on",
        "currency",
        "customer_id",
        "date",
        "due_date",
        "label",
        "line_id",
        "number",
        "object",
        "open_amount",
        "open_home",
        "rate",
        "record_id",
        "reliefs",
        "term_id",
        "total",
        "total_home",
        "unapplied",
    )

    def __init__(
        self,
        *,
        object: str,
        record_id: str,
        line_id: str,
        label: str,
        number: str,
        customer_id: str,
        account_id: str,
        currency: str,
        rate: Decimal,
        date: datetime.date,
        due_date: datetime.date,
        term_id: str | None,
        total: Decimal,
    ) -> None:
        self.object = object
        self.record_id = record_id
        self.line_id = line_id
        self.label = label
        self.number = number
        self.customer_id = customer_id
        self.account_id = account_id
        self.currency = currency
        self.rate = rate
        self.date = date
        self.due_date = due_date
        self.term_id = term_id
        self.total = total
        self.total_home = total if rate == 1 else to_cents(total * rate)
        self.unapplied = abs(total)
        self.open_amount = total
        self.open_home = self.total_home
        self.reliefs: tuple[Relief, ...] = ()
        self.closed_on: datetime.date | None = None

    @property
    def is_debit(self) -> bool:
        return self.total > 0

    @property
    def age_order(self) -> tuple[datetime.date, tuple[int, int, str], tuple[int, int, str]]:
        return (self.date, id_order(self.record_id), id_order(self.line_id))

    def open_on(self, day: datetime.date) -> tuple[Decimal, Decimal]:
        """Open amount in transaction and in home currency, by what was effective by then."""
        if self.date > day:
            return ZERO, ZERO
        amount, home = self.total, self.total_home
        for relief in self.reliefs:
            if relief.effective > day:
                break
            amount += relief.amount
            home += relief.home
        return amount, home

    def relieve(self, amount: Decimal, *, effective: datetime.date) -> Relief:
        """Book a relief (no sign) and return it; the last one takes what rounding has left.

        Reliefs must come in the order of their effective dates.
        """
        signed = -amount if self.is_debit else amount
        if signed == -self.open_amount:
            relief = Relief(effective, signed, -self.open_home)
            self.open_amount = self.open_home = ZERO
            self.closed_on = effective
        else:
            home = signed if self.rate == 1 else to_cents(signed * self.rate)
            relief = Relief(effective, signed, home)
            self.open_amount += signed
            self.open_home += home
        self.reliefs += (relief,)
        return relief
