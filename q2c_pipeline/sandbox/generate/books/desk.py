"""The bookkeeper of one customer: enters documents and keeps what was entered.

Belongs here: how a payment, a credit or a journal entry comes into the books, and what it
touches. Does not belong here: when and why, which habits and planted cases decide.
"""

from typing import NamedTuple, TypeVar

from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import (
    CreditMemo,
    Document,
    Invoice,
    JournalEntry,
    Payment,
    PaymentLine,
    Purchase,
    SalesLine,
)
from q2c_pipeline.sandbox.generate.books.invoicing import OFFICE_OPENS, OFFICE_SECONDS, sales_tax
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY
from q2c_pipeline.sandbox.generate.money import share

EnteredDocument = TypeVar("EnteredDocument", bound=Document)


class Planted(NamedTuple):
    """A case put into the books on purpose, with the document that shows it."""

    kind: str
    document: Document
    amount: int
    note: str


#: A part of a payment: cents, and the document they settle or come from.
Part = tuple[int, Document]


class Desk:
    """``documents`` in the order of entry for each customer; ``planted`` beside them."""

    def __init__(self, *, seed: int, rates: Rates) -> None:
        self.seed = seed
        self.rates = rates
        self.documents: list[Document] = []
        self.planted: list[Planted] = []
        self.random = stream(seed, "books")

    def turn_to(self, customer: Customer) -> None:
        """Each customer has a stream of its own, so that one does not disturb the next."""
        self.random = stream(self.seed, "books", customer.rank)

    def enter(self, document: EnteredDocument) -> EnteredDocument:
        document.touch(document.created)
        self.documents.append(document)
        return document

    def plant(self, kind: str, document: Document, *, amount: int = 0, note: str = "") -> None:
        self.planted.append(Planted(kind, document, amount or document.total, note))

    def moment(self, day: int, *, after: int = 0) -> int:
        """Some office minute of the day, and later than ``after``."""
        some = day * SECONDS_PER_DAY + OFFICE_OPENS + self.random.randrange(OFFICE_SECONDS)
        return max(some, after + 60)

    def pay(
        self,
        customer: Customer,
        day: int,
        targets: list[Part],
        *,
        credits: list[Part] | None = None,
        unapplied: int = 0,
        note: str = "",
    ) -> Payment:
        """Cash for what the targets take beyond the credits, plus what stays unapplied."""
        parts = [*targets, *(credits or [])]
        cash = sum(cents for cents, _ in targets) + unapplied
        cash -= sum(cents for cents, _ in credits or [])
        payment = self._payment(
            customer,
            day,
            tuple(PaymentLine(cents, (document,)) for cents, document in parts),
            cash=cash,
            note=note,
        )
        payment.unapplied = unapplied
        return payment

    def apply_credit(
        self, target: Document, credit: Document, cents: int, day: int, *, one_line: bool = False
    ) -> Payment:
        """A payment of nothing that ties a credit to what it settles."""
        lines = (
            (PaymentLine(cents, (target, credit)),)
            if one_line
            else (PaymentLine(cents, (target,)), PaymentLine(cents, (credit,)))
        )
        note = "Created by QB Online to link credits to charges." if one_line else ""
        return self._payment(target.customer, day, lines, cash=0, note=note)

    def _payment(
        self,
        customer: Customer,
        day: int,
        lines: tuple[PaymentLine, ...],
        *,
        cash: int,
        note: str,
    ) -> Payment:
        linked = [document for line in lines for document in line.linked]
        created = self.moment(day, after=max((each.created for each in linked), default=0))
        payment = Payment(
            customer=customer,
            day=day,
            created=created,
            total=cash,
            rate=self.rates.on(day, customer.currency),
            note=note,
            lines=lines,
            method=customer.method,
            reference=self.random.randrange(1_000, 100_000) if cash else 0,
        )
        for document in linked:
            self.link(document, payment, created)
        return self.enter(payment)

    def link(self, document: Document, payment: Payment, moment: int) -> None:
        """From this moment the document shows the payment, and counts as changed."""
        document.touch(moment)
        if document.payments is None:
            document.payments = []
        document.payments.append(payment)

    def extend(self, payment: Payment, cents: int, document: Document, moment: int) -> None:
        """Apply unapplied cash of a payment that was entered earlier."""
        payment.lines = (*payment.lines, PaymentLine(cents, (document,)))
        payment.unapplied -= cents
        payment.sync_token += 1
        payment.touch(moment)
        self.link(document, payment, moment)

    def credit(self, invoice: Invoice, day: int, *, percent: int, after: int = 0) -> CreditMemo:
        """A credit memo for part of the invoice's first line, taxed as the line was."""
        first = invoice.lines[0]
        amount = max(share(first.amount, percent, 100), 1)
        lines = (SalesLine(first.item, 100, amount, amount),)
        tax = sales_tax(invoice.customer, lines)
        return self.enter(
            CreditMemo(
                customer=invoice.customer,
                day=day,
                created=self.moment(day, after=max(invoice.created, after)),
                total=amount + (tax.total if tax else 0),
                rate=self.rates.on(day, invoice.customer.currency),
                lines=lines,
                tax=tax,
            )
        )

    def write_off(self, customer: Customer, cents: int, day: int) -> JournalEntry:
        return self.enter(
            JournalEntry(
                customer=customer,
                day=day,
                created=self.moment(day),
                total=cents,
                rate=self.rates.on(day, customer.currency),
                is_debit=False,
                other_account=catalogue.BAD_DEBT,
                label="WO",
                note="Write-off",
            )
        )

    def refund(self, credit: Document, cents: int, day: int, *, is_cheque: bool = True) -> Purchase:
        return self.enter(
            Purchase(
                is_cheque=is_cheque,
                customer=credit.customer,
                day=day,
                created=self.moment(day, after=credit.created),
                total=cents,
                rate=self.rates.on(day, credit.customer.currency),
            )
        )
