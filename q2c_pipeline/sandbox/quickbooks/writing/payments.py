"""Writing payments: what they take, what they apply to, what is left over.

Belongs here: a payment's lines and links. Does not belong here: balances after the write.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import (
    Draft,
    customer_of,
    finish_transaction,
    required_number,
)

ENTITY_OF_LINK = {
    "Invoice": "Invoice",
    "CreditMemo": "CreditMemo",
    "JournalEntry": "JournalEntry",
    "Expense": "Purchase",
    "Check": "Purchase",
    "CreditCardCredit": "Purchase",
}


class Link(NamedTuple):
    entity: str
    record_id: str


def finish_payment(draft: Draft) -> Payload:
    """A payment as it will be kept, but for what is left over of it.

    Raises ``Fault`` for an amount, link or customer that the vendor would refuse.
    """
    record = draft.record
    record["TotalAmt"] = required_number(record, "TotalAmt")
    if record["TotalAmt"] < 0:
        raise faults.out_of_range("TotalAmt", "TotalAmt must not be negative")
    customer_of(draft)
    finish_transaction(draft)
    family = draft.realm.family([record["CustomerRef"]["value"]])
    record["Line"] = entries(record, "Line")
    for line in [] if draft.keeps("Line") else record["Line"]:
        if required_number(line, "Amount") < 0:
            raise faults.out_of_range("Amount", "Amount must not be negative")
        for link in entries(line, "LinkedTxn"):
            _refuse_unlinkable(draft.realm, link, family)
    record.setdefault("ProcessPayment", False)
    return record


def refuse_deposited(record: Payload) -> None:
    """Raises ``Fault`` 6540 for a payment that a deposit holds."""
    if any(link.get("TxnType") == "Deposit" for link in entries(record, "LinkedTxn")):
        raise faults.deposited()


def links_of(payment: Payload) -> set[Link]:
    """The documents that the payment's lines link."""
    return {link for line in entries(payment, "Line") for link in _links(line)}


def void_payment(record: Payload) -> Payload:
    """The payment as a void leaves it: nothing received, nothing applied."""
    return record | {"TotalAmt": 0, "UnappliedAmt": 0, "Line": []}


def without(payment: Payload, gone: Link) -> Payload:
    """The payment once a document that it links is gone: what it applied to that is free again.

    Credits that no longer settle anything are released with it.
    """
    lines = [line for line in entries(payment, "Line") if gone not in set(_links(line))]
    targets = sum((_amount(line) for line in lines if _is_target(line)), Decimal(0))
    credits = sum((_amount(line) for line in lines if not _is_target(line)), Decimal(0))
    if credits > targets:
        lines = [line for line in lines if _is_target(line)]
    return payment | {"Line": lines}


def _links(line: Payload) -> Iterator[Link]:
    for link in entries(line, "LinkedTxn"):
        entity = ENTITY_OF_LINK.get(str(link.get("TxnType")))
        if entity is not None:
            yield Link(entity, str(link.get("TxnId")))


def _is_target(line: Payload) -> bool:
    return any(link.entity == "Invoice" for link in _links(line))


def _amount(line: Payload) -> Decimal:
    return amount(line.get("Amount")) or Decimal(0)


def _refuse_unlinkable(realm: Realm, link: Payload, family: set[str]) -> None:
    kind, record_id = str(link.get("TxnType")), str(link.get("TxnId"))
    if kind not in ENTITY_OF_LINK:
        raise faults.bad_choice("TxnType", kind)
    linked = realm.get(ENTITY_OF_LINK[kind], record_id)
    if linked is None:
        raise faults.not_found()
    customer_id = reference(linked, "CustomerRef")
    if customer_id is not None and customer_id not in family:
        raise faults.cannot_link(f"{kind} {record_id} is another customer's")
