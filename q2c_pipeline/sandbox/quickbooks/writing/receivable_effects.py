"""What a write does to other records: balances, links, the customer.

Belongs here: carrying the books' answer back into the records that a write touches, and refusing
to apply more than there is. Does not belong here: the books themselves. A record that no write
touches keeps the values it was recorded with.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries
from q2c_pipeline.sandbox.quickbooks.writing.payments import Link, links_of
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm, bumped

POSTING_ENTITIES = ("Invoice", "CreditMemo", "Payment", "JournalEntry", "Deposit", "Purchase")
CUSTOMER_DOCUMENTS = ("Invoice", "CreditMemo", "Payment")
OPEN_FIELDS = {
    "Invoice": ("Balance",),
    "CreditMemo": ("Balance", "RemainingCredit"),
    "Payment": ("UnappliedAmt",),
}
CENT = Decimal("0.01")


class Change(NamedTuple):
    """A record that a write changed; ``before`` is None for a new one, ``after`` for a gone one."""

    entity: str
    record_id: str
    before: Payload | None
    after: Payload | None


def follow(realm: Realm, changes: list[Change]) -> None:
    """Bring the records that the changes touch up to date with the books.

    Raises ``Fault`` where a payment applies more than is open.
    """
    customers = {
        customer_id
        for change in changes
        for payload in (change.before, change.after)
        for customer_id in _customers_in(payload)
    }
    family = realm.family(customers)
    records = list(_neighbourhood(realm, family))
    changed = {(change.entity, change.record_id) for change in changes}
    untouched = [record for record in records if (record[0], record[1].get("Id")) not in changed]
    earlier = [(change.entity, change.before) for change in changes if change.before is not None]
    before = Books([*untouched, *earlier], realm.home_currency)
    after = Books(records, realm.home_currency)
    payments = [change for change in changes if change.entity == "Payment"]
    if any(change.after is not None for change in payments):
        without = Books(untouched, realm.home_currency)
        for change in payments:
            _refuse_too_much(change.after or {}, without)
    for document in _touched_documents(changes):
        _update_document(realm, document, payments, before, after, is_written=document in changed)
    for customer_id in sorted(family):
        _update_customer(
            realm,
            customer_id,
            after.customer_balance(customer_id) - before.customer_balance(customer_id),
        )


def _neighbourhood(realm: Realm, customer_ids: set[str]) -> Iterator[tuple[str, Payload]]:
    """All records that decide what these customers owe."""
    yield from realm.records(["Account"])
    for customer_id in customer_ids:
        yield from realm.found("Customer", "record_id = ?", customer_id)
        for entity in CUSTOMER_DOCUMENTS:
            yield from realm.matching(entity, "$.CustomerRef.value", customer_id)
    for entity in POSTING_ENTITIES[len(CUSTOMER_DOCUMENTS) :]:
        for found in realm.found(entity, "payload like '%customer%'"):
            if not customer_ids.isdisjoint(_customers_in(found[1])):
                yield found


def _customers_in(value: Any) -> Iterator[str]:
    """The ids of all customers that a transaction names, in its header or its lines."""
    if isinstance(value, dict):
        for name, part in value.items():
            names_one = name in ("CustomerRef", "Entity", "EntityRef") and isinstance(part, dict)
            if names_one and isinstance(part.get("value"), str):
                yield part["value"]
            yield from _customers_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _customers_in(part)


def _refuse_too_much(payment: Payload, without: Books) -> None:
    applied: dict[Link, Decimal] = {}
    for line in entries(payment, "Line"):
        for link in links_of({"Line": [line]}):
            applied[link] = applied.get(link, Decimal(0)) + (amount(line["Amount"]) or 0)
    left = amount(payment.get("TotalAmt")) or Decimal(0)
    for link, total in applied.items():
        if total > without.open_amount(*link):
            raise faults.business(
                f"The amount applied to {link.entity} {link.record_id} is more than is open of it"
            )
        left += -total if link.entity == "Invoice" else total
    # The side of a journal entry is its own affair; the books know it, this sum does not.
    if left < 0 and not any(link.entity == "JournalEntry" for link in applied):
        raise faults.business("The payment applies more than it brings")


def _touched_documents(changes: Iterable[Change]) -> list[Link]:
    """What was written, what its payments settle, and the payments that settle it.

    Cash that a document no longer has room for is free again.
    """
    touched = []
    for change in changes:
        if change.after is not None:
            touched.append(Link(change.entity, change.record_id))
        if change.entity == "Payment":
            for payload in (change.before, change.after):
                touched += sorted(links_of(payload or {}))
        else:
            touched += [
                Link("Payment", str(link.get("TxnId")))
                for link in entries(change.before or {}, "LinkedTxn")
                if link.get("TxnType") == "Payment"
            ]
    return list(dict.fromkeys(touched))


def _update_document(
    realm: Realm,
    document: Link,
    payments: list[Change],
    before: Books,
    after: Books,
    *,
    is_written: bool,
) -> None:
    record = realm.get(*document)
    if record is None or document.entity not in OPEN_FIELDS:
        return
    updated = dict(record)
    is_new = any(field not in record for field in OPEN_FIELDS[document.entity])
    open_amount = after.open_amount(*document)
    if is_new or open_amount != before.open_amount(*document):
        updated |= dict.fromkeys(OPEN_FIELDS[document.entity], open_amount)
        if realm.is_multicurrency and document.entity != "Payment":
            rate = amount(record.get("ExchangeRate")) or Decimal(1)
            updated["HomeBalance"] = (open_amount * rate).quantize(CENT, ROUND_HALF_UP)
    if document.entity != "Payment":
        links = _relinked(record, document, payments)
        if links or "LinkedTxn" in record:
            updated["LinkedTxn"] = links
    if updated == record:
        return
    realm.keep(document.entity, updated if is_written else bumped(updated))


def _relinked(record: Payload, document: Link, payments: list[Change]) -> list[Payload]:
    changed = {change.record_id for change in payments}
    kept = [
        link
        for link in entries(record, "LinkedTxn")
        if link.get("TxnType") != "Payment" or link.get("TxnId") not in changed
    ]
    added = [
        {"TxnId": change.record_id, "TxnType": "Payment"}
        for change in payments
        if document in links_of(change.after or {})
    ]
    return kept + added


def _update_customer(realm: Realm, customer_id: str, difference: Decimal) -> None:
    """Move the balance by what the write moved it; a recorded one may hold more than the books."""
    if not difference:
        return
    for member_id in (customer_id, *realm.ancestors(customer_id)):
        record = realm.get("Customer", member_id)
        if record is None:
            continue
        fields = ["BalanceWithJobs", *(["Balance"] if member_id == customer_id else [])]
        for field in fields:
            record[field] = (amount(record.get(field)) or Decimal(0)) + difference
        realm.keep("Customer", record)
