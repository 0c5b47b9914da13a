"""The desk at which made-up documents are entered, one after another.

Belongs here: chance, ids, dates, what is in the books and what payments may still link. Does not
belong here: what any document holds.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.property.books.lists import (
    HOME_CURRENCY,
    NOBODY,
    RECEIVABLES,
    Customer,
    customers_of,
    lists_of,
)
from tests.property.books.wire import Record, Records, reference

FIRST_DAY = date(2025, 9, 1)
DAYS = 300
FAR_FUTURE = date(2099, 6, 30)
LONG_AGO = date(1999, 3, 31)
AMOUNTS_MAX = (99, 10_000, 900_000, 99_999_999)


@dataclass
class OpenPosting:
    """What payments can still link of one side of a document for one customer."""

    object: str
    id: str
    link_type: str
    customer: Customer
    left: int
    is_charge: bool


class Desk:
    """``versions`` are the records as entered; ``is_odd`` books hold what no form would take."""

    def __init__(self, chance: random.Random, *, is_odd: bool, is_foreign: bool) -> None:
        self.chance = chance
        self.is_odd = is_odd
        self.is_foreign = is_foreign
        self.customers = customers_of(is_foreign=is_foreign)
        self.versions: dict[str, list[Record]] = defaultdict(list)
        self.postings: list[OpenPosting] = []
        self._last_id = chance.choice((0, 7, 95))

    def records(self) -> Records:
        return {**lists_of(is_foreign=self.is_foreign), **self.versions}

    def head(self, customer: Customer) -> Record:
        """Id, date, currency and rate, which every document has."""
        self._last_id += 1
        record: Record = {"Id": str(self._last_id), "TxnDate": self.day().isoformat()}
        if self.is_foreign:
            record["CurrencyRef"] = reference(customer.currency)
            if customer.currency != HOME_CURRENCY and not self.goes_wrong(0.05):
                record["ExchangeRate"] = round(self.chance.uniform(0.7, 1.5), 6)
        return record

    def sales_head(self, customer: Customer) -> Record:
        customer_id = NOBODY if self.goes_wrong(0.03) else customer.id
        return self.head(customer) | {
            "DocNumber": str(1000 + self._last_id),
            "CustomerRef": reference(customer_id),
        }

    def enter(self, vendor_object: str, record: Record) -> None:
        """A new record, or a new version of one that is there."""
        self.versions[vendor_object].append(record)

    def post(
        self,
        vendor_object: str,
        record: Record,
        customer: Customer,
        left: int,
        *,
        is_charge: bool,
        link_type: str = "",
    ) -> None:
        self.postings.append(
            OpenPosting(
                vendor_object,
                record["Id"],
                link_type or vendor_object,
                customer,
                left,
                is_charge,
            )
        )

    def forget(self, vendor_object: str, record: Record) -> None:
        gone = vendor_object, record["Id"]
        self.postings = [each for each in self.postings if (each.object, each.id) != gone]

    def living(self, vendor_object: str) -> list[Record]:
        newest = {record["Id"]: record for record in self.versions[vendor_object]}
        return [
            record
            for record in newest.values()
            if record.get("PrivateNote") != "Voided" and record.get("status") != "Deleted"
        ]

    def linked(self) -> Iterator[tuple[str, str]]:
        """Type and id of every document that a living payment names."""
        for payment in self.living("Payment"):
            for line in payment["Line"]:
                for link in line["LinkedTxn"]:
                    yield link["TxnType"], link["TxnId"]

    def customer(self) -> Customer:
        return self.chance.choice(self.customers)

    def receivable(self, customer: Customer) -> str:
        return self.chance.choice(RECEIVABLES[customer.currency])

    def cents(self) -> int:
        return self.chance.randint(1, self.chance.choice(AMOUNTS_MAX))

    def day(self) -> date:
        if self.goes_wrong(0.03):
            return self.chance.choice((FAR_FUTURE, LONG_AGO))
        return FIRST_DAY + timedelta(days=self.chance.randrange(DAYS))

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def goes_wrong(self, probability: float) -> bool:
        return self.is_odd and self.happens(probability)
