"""One company's records as a write sees and leaves them.

Belongs here: reading, keeping and looking up records of one realm at one moment. Does not belong
here: rules about what may be written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from q2c_pipeline.sandbox.quickbooks.lookup import index_over, text_at
from q2c_pipeline.sandbox.quickbooks.wire import (
    Payload,
    instant,
    parse,
    record_time,
    reference,
    write,
)
from q2c_pipeline.sandbox.store import Store

# How the vendor names the currencies of a company that lists none.
CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "CAD": "Canadian Dollar",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
}


@dataclass(frozen=True)
class Realm:
    """``today`` is the vendor's date, the default of a transaction's own."""

    store: Store
    realm_id: str
    home_currency: str
    preferences: Payload
    now: datetime
    today: date

    def preference(self, group: str, name: str) -> Any:
        found = self.preferences.get(group)
        return found.get(name) if isinstance(found, dict) else None

    @property
    def is_multicurrency(self) -> bool:
        return self.preference("CurrencyPrefs", "MultiCurrencyEnabled") is True

    def currency_reference(self, code: str) -> Payload:
        """The currency as records refer to it: by code, with the name the company gave it."""
        listed = (currency for _, currency in self.records(["CompanyCurrency"]))
        names = [currency.get("Name") for currency in listed if currency.get("Code") == code]
        name = names[0] if names else CURRENCY_NAMES.get(code)
        return {"value": code, "name": name} if name else {"value": code}

    def get(self, entity: str, record_id: str | None) -> Payload | None:
        """The living record; None if it is deleted or unknown."""
        if record_id is None:
            return None
        found = self.store.get("quickbooks", self.realm_id, entity, record_id)
        if found is None or found.is_deleted:
            return None
        payload: Payload = parse(found.payload)
        return payload

    def records(self, entities: Iterable[str]) -> Iterator[tuple[str, Payload]]:
        for record in self.store.records("quickbooks", self.realm_id, entities):
            yield record.object, parse(record.payload)

    def found(self, entity: str, where: str, *values: object) -> Iterator[tuple[str, Payload]]:
        """Living records under an SQL condition, each with the entity's name."""
        return self._selected("records", entity, where, *values)

    def matching(self, entity: str, path: str, text: str) -> Iterator[tuple[str, Payload]]:
        """Living records with this text, case aside, at a JSON path; found through an index."""
        source = f"records indexed by {index_over(self.store, path)}"
        return self._selected(source, entity, f"{text_at(path)} = folded(?)", text)

    def _selected(
        self, source: str, entity: str, where: str, *values: object
    ) -> Iterator[tuple[str, Payload]]:
        # Source and condition are written in this package; values travel as parameters.
        rows = self.store.connection.execute(
            f"select payload from {source} where system = 'quickbooks' and tenant = ?"
            f" and object = ? and is_deleted = 0 and ({where}) order by ordinal",
            (self.realm_id, entity, *values),
        ).fetchall()
        return ((entity, parse(row[0])) for row in rows)

    def keep(self, entity: str, record: Payload) -> None:
        """Store the record as changed now."""
        moment = record_time(self.now)
        record["MetaData"] = {
            "CreateTime": moment,
            **(record.get("MetaData") or {}),
            "LastUpdatedTime": moment,
        }
        record["domain"], record["sparse"] = "QBO", False
        self.store.put(
            "quickbooks", self.realm_id, entity, record["Id"], write(record), instant(moment)
        )

    def remove(self, entity: str, record_id: str) -> Payload:
        """Leave a deleted stub in the record's place; what the answer shows of it."""
        moment = record_time(self.now)
        shown: Payload = {"domain": "QBO", "status": "Deleted", "Id": record_id}
        self.store.put(
            "quickbooks",
            self.realm_id,
            entity,
            record_id,
            write(shown | {"MetaData": {"LastUpdatedTime": moment}}),
            instant(moment),
            is_deleted=True,
        )
        return shown

    def family(self, customer_ids: Iterable[str]) -> set[str]:
        """The customers with all their parents and jobs."""
        family = set(customer_ids)
        parents = {
            record["Id"]: reference(record, "ParentRef")
            for _, record in self.found("Customer", "instr(payload, 'ParentRef') > 0")
            if isinstance(record.get("Id"), str)
        }
        while True:
            relatives = {parent for job, parent in parents.items() if parent and job in family}
            relatives |= {job for job, parent in parents.items() if parent in family}
            if relatives <= family:
                return family
            family |= relatives

    def ancestors(self, customer_id: str) -> list[str]:
        """The customer's parents, nearest first."""
        ancestors: list[str] = []
        record = self.get("Customer", customer_id)
        while record is not None:
            parent = reference(record, "ParentRef")
            if parent is None or parent in ancestors or parent == customer_id:
                break
            ancestors.append(parent)
            record = self.get("Customer", parent)
        return ancestors


def bumped(record: Payload) -> Payload:
    """The record with the next SyncToken."""
    token = str(record.get("SyncToken", "0"))
    return record | {"SyncToken": str(int(token) + 1 if token.isdigit() else 1)}
