"""The books of one company, derived from its documents by double entry.

Belongs here: putting documents, applications and postings together, and what is open at present.
Does not belong here: report layouts, HTTP, storage. Nothing is taken from a stored balance.

Books built from some of the records give the same open amounts as books built from all, as long as
every payment that links a document comes with that document.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.garbage import collection_paused
from q2c_pipeline.sandbox.quickbooks.books.applications import (
    Settlement,
    applications_of,
    down_payment_of,
)
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import (
    EXCHANGE_GAIN_OR_LOSS,
    RETAINED_EARNINGS,
    ChartOfAccounts,
)
from q2c_pipeline.sandbox.quickbooks.books.customers import CustomerList
from q2c_pipeline.sandbox.quickbooks.books.document_lines import Document
from q2c_pipeline.sandbox.quickbooks.books.open_items import OpenItem
from q2c_pipeline.sandbox.quickbooks.books.postings import (
    Ledger,
    document_entry,
    receivable_items,
    settlement_entry,
)
from q2c_pipeline.sandbox.quickbooks.books.record_fields import (
    ZERO,
    MalformedRecord,
    id_order,
    record_id,
)
from q2c_pipeline.sandbox.quickbooks.books.source_documents import (
    POSTING_OBJECTS,
    read_document,
)
from q2c_pipeline.sandbox.quickbooks.books.terms import due_after

BOOKED_OBJECTS = ("Account", "Customer", "Term", *sorted(POSTING_OBJECTS))


class PassedOver(NamedTuple):
    """A record that could not be booked, and why."""

    object: str
    record_id: str | None
    reason: str


class Books:
    """``records`` are the live records of a company, each as (vendor object name, payload).

    Accounts must come together. Documents that come before them wait in memory; BOOKED_OBJECTS is
    the order in which none does.
    """

    def __init__(
        self, records: Iterable[tuple[str, Mapping[str, Any]]], home_currency: str
    ) -> None:
        self.home_currency = home_currency
        self.ledger = Ledger()
        self.items: list[OpenItem] = []
        self.passed_over: list[PassedOver] = []
        self._items_of: dict[str, dict[str, tuple[OpenItem, ...]]] = {
            object_name: {} for object_name in POSTING_OBJECTS
        }
        self._balances: dict[str, Decimal] = {}

        with collection_paused():
            self._keep(records)

    def open_amount(self, object_name: str, record_id: str) -> Decimal:
        """What is open at present of all receivable lines of a document, without a sign."""
        items = self._items_of.get(object_name, {}).get(record_id, ())
        return abs(sum((item.open_amount for item in items), ZERO))

    def customer_balance(self, customer_id: str) -> Decimal:
        """What the customer owes at present, jobs left out, in the customer's own currency."""
        return self._balances.get(customer_id, ZERO)

    def _keep(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        accounts, rest = _accounts_first(records)
        self.chart = ChartOfAccounts(accounts, home_currency=self.home_currency)
        self.exchange_account = self.chart.standard(EXCHANGE_GAIN_OR_LOSS)
        self.retained_earnings_account = self.chart.standard(RETAINED_EARNINGS)
        customers: list[Mapping[str, Any]] = []
        terms: dict[str, Mapping[str, Any]] = {}
        settling: list[Document] = []
        for object_name, payload in rest:
            if not isinstance(payload, dict):
                self.passed_over.append(PassedOver(object_name, None, "not an object"))
            elif object_name == "Account":
                raise ValueError("accounts must come together, before or after the documents")
            elif object_name == "Customer":
                customers.append(payload)
            elif object_name == "Term":
                terms[record_id(payload) or ""] = payload
            elif object_name in POSTING_OBJECTS:
                document = self._read(object_name, payload)
                if document is not None:
                    self._post_document(document)
                    if document.down_payment or document.payment_lines:
                        settling.append(document._replace(lines=()))
        self.customers = CustomerList(customers)
        for item in self.items:
            if item.term_id is not None and item.term_id in terms:
                item.due_date = due_after(item.date, terms[item.term_id])
        self._settle(settling)
        self.items.sort(key=attrgetter("date"))
        self._add_up_balances()

    def _read(self, object_name: str, payload: Mapping[str, Any]) -> Document | None:
        try:
            return read_document(object_name, payload, self.chart)
        except MalformedRecord as reason:
            found = PassedOver(object_name, record_id(payload), str(reason))
            self.passed_over.append(found)
            return None

    def _post_document(self, document: Document) -> None:
        items = receivable_items(document)
        if items:
            self.items += items
            self._items_of[document.object][document.record_id] = items
        self.ledger.post(document_entry(document, items, exchange_account=self.exchange_account))

    def _settle(self, documents: list[Document]) -> None:
        """Down payments, then payments, decided by date and posted by date of effect.

        Posting in that order lets the last relief of a document take what rounding has left.
        """
        documents.sort(key=lambda document: (document.date, id_order(document.record_id)))
        settlements: list[Settlement] = [
            down_payment
            for document in documents
            if document.down_payment
            for down_payment in down_payment_of(document, self._items_of)
        ]
        for document in documents:
            settlements += applications_of(document, self._items_of, self.customers)
        settlements.sort(key=attrgetter("effective"))
        for settlement in settlements:
            self.ledger.post(settlement_entry(settlement, exchange_account=self.exchange_account))

    def _add_up_balances(self) -> None:
        for item in self.items:
            if self.customers.currency(item.customer_id) in (None, item.currency):
                balance = self._balances.get(item.customer_id, ZERO)
                self._balances[item.customer_id] = balance + item.open_amount


def _accounts_first(
    records: Iterable[tuple[str, Mapping[str, Any]]],
) -> tuple[list[Mapping[str, Any]], Iterator[tuple[str, Mapping[str, Any]]]]:
    """The accounts, and everything else in its order."""
    accounts: list[Mapping[str, Any]] = []
    held: list[tuple[str, Mapping[str, Any]]] = []
    remaining = iter(records)
    for record in remaining:
        if record[0] == "Account" and isinstance(record[1], dict):
            accounts.append(record[1])
        else:
            held.append(record)
            if accounts:
                break
    return accounts, chain(held, remaining)
