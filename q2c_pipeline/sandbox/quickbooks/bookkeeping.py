"""The books of one company, derived from its documents by double entry.

Belongs here: putting documents, applications and postings together, and what is open at present.
Does not belong here: report layouts, HTTP, storage. Nothing is taken from a stored balance.

Books built from some of the records give the same open amounts as books built from all, as long as
every payment that links a document comes with that document.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks.applications import Application, applications_of
from q2c_pipeline.sandbox.quickbooks.chart_of_accounts import (
    EXCHANGE_GAIN_OR_LOSS,
    RETAINED_EARNINGS,
    ChartOfAccounts,
)
from q2c_pipeline.sandbox.quickbooks.customers import CustomerList
from q2c_pipeline.sandbox.quickbooks.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.postings import (
    Entry,
    Ledger,
    Posting,
    document_entry,
    is_receivable_line,
)
from q2c_pipeline.sandbox.quickbooks.record_fields import (
    ZERO,
    MalformedRecord,
    id_order,
    record_id,
)
from q2c_pipeline.sandbox.quickbooks.source_documents import (
    POSTING_OBJECTS,
    Document,
    read_document,
)

__all__ = ["Books", "PassedOver"]


class PassedOver(NamedTuple):
    """A record that could not be booked, and why."""

    object: str
    record_id: str | None
    reason: str


class Books:
    """``records`` are the live records of a company, each as (vendor object name, payload)."""

    def __init__(
        self, records: Iterable[tuple[str, Mapping[str, Any]]], home_currency: str
    ) -> None:
        by_object: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for object_name, payload in records:
            by_object[object_name].append(payload)
        self.home_currency = home_currency
        self.chart = ChartOfAccounts(by_object["Account"], home_currency=home_currency)
        self.customers = CustomerList(by_object["Customer"])
        self.ledger = Ledger()
        self.items: list[OpenItem] = []
        self.passed_over: list[PassedOver] = []
        self._items_of: dict[tuple[str, str], list[OpenItem]] = {}
        self._balances: dict[str, Decimal] = {}
        self._exchange_account = self.chart.standard(EXCHANGE_GAIN_OR_LOSS)
        self.retained_earnings_account = self.chart.standard(RETAINED_EARNINGS)

        down_payments: list[Document] = []
        payments: list[Document] = []
        for object_name in sorted(POSTING_OBJECTS):
            for payload in by_object.pop(object_name, ()):
                try:
                    document = read_document(object_name, payload, self.chart)
                except MalformedRecord as reason:
                    self.passed_over.append(
                        PassedOver(object_name, record_id(payload), str(reason))
                    )
                    continue
                self._post_document(document)
                if document.down_payment:
                    down_payments.append(document)
                if document.payment_lines:
                    payments.append(document)
        for document in down_payments:
            self._post_down_payment(document)
        for application in self._applications(payments):
            self._post_application(application)
        self.items.sort(key=attrgetter("date"))
        for item in self.items:
            if self.customers.currency(item.customer_id) not in (None, item.currency):
                continue
            balance = self._balances.get(item.customer_id, ZERO)
            self._balances[item.customer_id] = balance + item.open_amount

    def open_amount(self, object_name: str, record_id: str) -> Decimal:
        """What is open at present of all receivable lines of a document, without a sign."""
        items = self._items_of.get((object_name, record_id), ())
        return abs(sum((item.open_amount for item in items), ZERO))

    def customer_balance(self, customer_id: str) -> Decimal:
        """What the customer owes at present, jobs left out, in the customer's own currency."""
        return self._balances.get(customer_id, ZERO)

    def customer_balance_with_jobs(self, customer_id: str) -> Decimal:
        family = self.customers.family(customer_id)
        return sum((self.customer_balance(member) for member in family), ZERO)

    def _post_document(self, document: Document) -> None:
        items = [
            OpenItem(
                object=document.object,
                record_id=document.record_id,
                line_id=line.line_id,
                label=document.label,
                number=document.number,
                customer_id=line.customer_id or "",
                account_id=line.account_id,
                currency=document.currency,
                rate=document.rate,
                date=document.date,
                due_date=document.due_date,
                total=line.amount,
            )
            for line in document.lines
            if is_receivable_line(line)
        ]
        if items:
            self.items += items
            self._items_of[document.object, document.record_id] = items
        self.ledger.post(document_entry(document, items, exchange_account=self._exchange_account))

    def _post_down_payment(self, document: Document) -> None:
        (invoice,) = self._items_of[document.object, document.record_id]
        invoice.unapplied -= document.down_payment
        relief = invoice.relieve(document.down_payment, effective=document.date)
        self.ledger.post(
            Entry(
                document.date,
                document.object,
                document.record_id,
                (
                    Posting(
                        document.down_payment_account,
                        document.currency,
                        document.down_payment,
                        -relief.home,
                    ),
                    Posting(
                        invoice.account_id, document.currency, relief.amount, relief.home, invoice
                    ),
                ),
            )
        )

    def _applications(self, payments: list[Document]) -> list[Application]:
        """In the order of their effective dates, so that the last relief ends a document."""
        payments.sort(key=lambda payment: (payment.date, id_order(payment.record_id)))
        applications = [
            application
            for payment in payments
            for application in applications_of(payment, self._items_of)
        ]
        applications.sort(key=attrgetter("effective"))
        return applications

    def _post_application(self, application: Application) -> None:
        postings = []
        for item in (application.source, application.target):
            relief = item.relieve(application.amount, effective=application.effective)
            postings.append(
                Posting(item.account_id, item.currency, relief.amount, relief.home, item)
            )
        gain = -sum((posting.home for posting in postings), ZERO)
        if gain:
            postings.append(Posting(self._exchange_account, self.home_currency, ZERO, gain))
        self.ledger.post(
            Entry(
                application.effective,
                application.source.object,
                application.source.record_id,
                tuple(postings),
            )
        )
