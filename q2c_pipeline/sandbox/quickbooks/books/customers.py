"""Customers, their jobs, and the names that reports print.

Belongs here: the tree of parents and jobs. Does not belong here: what they owe.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks.books.record_fields import record_id, reference, text


class Customer(NamedTuple):
    """``currency`` is the one of all its documents, where the record names it."""

    name: str
    currency: str | None


NOT_SPECIFIED = "Not Specified"


class CustomerList:
    """A parent that the list lacks, or that would close a circle of parents, is no parent."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self._customers: dict[str, Customer] = {}
        self._parents: dict[str, str] = {}
        named_parents: dict[str, str] = {}
        for record in records:
            customer_id = record_id(record)
            if customer_id is None:
                continue
            self._customers[customer_id] = Customer(
                name=text(record, "DisplayName") or customer_id,
                currency=reference(record, "CurrencyRef"),
            )
            if (parent_id := reference(record, "ParentRef")) is not None:
                named_parents[customer_id] = parent_id
        for customer_id, parent_id in named_parents.items():
            if parent_id in self._customers and customer_id not in self.upwards(parent_id):
                self._parents[customer_id] = parent_id

    def name(self, customer_id: str) -> str:
        customer = self._customers.get(customer_id)
        return customer.name if customer is not None else customer_id or NOT_SPECIFIED

    def currency(self, customer_id: str) -> str | None:
        customer = self._customers.get(customer_id)
        return customer.currency if customer is not None else None

    def parent(self, customer_id: str) -> str | None:
        return self._parents.get(customer_id)

    def upwards(self, customer_id: str) -> Iterator[str]:
        """The customer, its parent, the parent's parent, to the top."""
        member: str | None = customer_id
        while member is not None:
            yield member
            member = self._parents.get(member)
