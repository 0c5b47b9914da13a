"""Writes to the books of one realm: customers and invoices in batches, and invoices by e-mail.

Belongs here: every request that changes the books, and what its answer means for each item. Does
not belong here: what is written, which is SQL; in which order and how often it is asked for, which
is ``ledger/delivery.py``; looking records up, which is ``lookup.py``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from q2c_pipeline.core.errors import (
    ContractBroken,
    Q2CError,
    RecordNotFound,
    RequestRejected,
)
from q2c_pipeline.defs.accounting.quickbooks.client import MINOR_VERSION, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.faults import is_system_failure
from q2c_pipeline.defs.accounting.quickbooks.lookup import (
    CUSTOMER,
    INVOICE,
    Record,
    customers_named,
    decoded,
    is_same,
    listed,
    read,
)
from q2c_pipeline.ledger.events import DELIVERED, Event
from q2c_pipeline.ledger.intents import details
from q2c_pipeline.ledger.planning import SEND
from q2c_pipeline.ledger.target import (
    Done,
    InDoubt,
    Item,
    Looked,
    NotDone,
    Outcome,
    Refusal,
    Wanted,
)

INVOICE_EMAIL = "InvoiceEmail"
BATCH_ITEMS_MAX = 30
EMAIL_SENT = "EmailSent"
_REMEMBERED = "600"
_STALE = "5010"
_NUMBER_TAKEN, _NAME_TAKEN = "6140", "6240"
_THROTTLED = frozenset({"3001", "003001"})
_SHUT_OUT = frozenset({"100", "120", "3100", "3200", "6190"})
_OWNER_OF_NUMBER = re.compile(r"TxnType=(\w+) with TxnId=(\w+)")
_MENDS: Mapping[str, str] = {
    "610": "A record that it names was deleted or made inactive: activate it, or map another one",
    "620": "A document that it links cannot be linked: look at it in QuickBooks",
    "2020": "A field that QuickBooks needs is missing: complete it in the CRM",
    "2050": "A text is longer than QuickBooks takes: shorten it in the CRM",
    "2500": "A record that it names is unknown or inactive: activate it, or map another one",
    _STALE: "Somebody edited the record in QuickBooks since it was read: the next run reads it",
    "5020": "This connection may not do that: let an administrator connect the company again",
    "5030": "This plan of QuickBooks cannot do that",
    "6000": "QuickBooks has a rule against it: read its words, and mend what they name",
    "6100": "A line's tax code is neither TAX nor NON: map the item's tax code",
    "6210": "The period is closed: move the invoice date, or have finance open the period",
    _NUMBER_TAKEN: "Another document has that number: free the number, or let QuickBooks number",
    _NAME_TAKEN: "The name belongs to another customer, vendor or employee: store the customer's id"
    " on the account if it is the same, or give the account a name of its own",
}
_OTHER_MEND = "The same request will be refused again: report this message"


class _Fault(msgspec.Struct):
    Message: str = ""
    Detail: str = ""
    code: str | int | None = None
    element: str | None = None


class _Faults(msgspec.Struct):
    Error: list[_Fault]


class _BatchAnswer(msgspec.Struct):
    BatchItemResponse: list[dict[str, msgspec.Raw]]
    time: datetime | None = None


class Switch:
    """Lets each single request through only while writing is on, repetitions included."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop

    def check(self) -> None:
        self._stop()

    def note(self, headers: Mapping[str, str]) -> None:
        pass


class QuickBooksTarget:
    """The books of one realm."""

    objects = frozenset({CUSTOMER, INVOICE})
    batch_items_max = BATCH_ITEMS_MAX

    def __init__(self, client: QuickBooksClient) -> None:
        self._client = client

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """As ``Target.send``: the items of one batch, each with a fate of its own."""
        body = {
            "BatchItemRequest": [
                {
                    "bId": item.id,
                    "operation": item.operation,
                    item.object: msgspec.Raw(item.payload.encode()),
                }
                for item in items
            ]
        }
        try:
            answer = self._client.api.post_json(
                f"/v3/company/{self._client.realm}/batch",
                body,
                asked=f"a batch of {len(items)} (request {request_id})",
                answer=_BatchAnswer,
                params={"requestid": request_id, "minorversion": MINOR_VERSION},
                is_batch=True,
            )
        except RequestRejected as error:
            if error.code != _REMEMBERED:
                raise
            # It was asked before, and the answer of then is not told again.
            return {item.id: InDoubt(str(error)) for item in items}
        by_id = {item.id: item for item in items}
        return dict(self._outcomes(answer, by_id))

    def find(self, looked: Sequence[Looked]) -> Mapping[str, Done]:
        found: dict[str, Done] = {}
        for object in {sought.object for sought in looked}:
            markers = {sought.marker for sought in looked if sought.object == object}
            since = min(sought.since for sought in looked if sought.object == object)
            for record in listed(self._client, object, since):
                found |= {
                    marker: _done(record, None) for marker in markers if record.carries(marker)
                }
        return found

    def _outcomes(
        self, answer: _BatchAnswer, items: Mapping[str, Item]
    ) -> Iterator[tuple[str, Outcome]]:
        for part in answer.BatchItemResponse:
            item = items.get(_text(part.get("bId")))
            if item is None:
                continue
            try:
                yield item.id, self._outcome(item, part, answer.time)
            except ContractBroken as error:
                yield item.id, InDoubt(str(error))

    def _outcome(self, item: Item, part: Mapping[str, msgspec.Raw], at: datetime | None) -> Outcome:
        if item.object in part:
            return _done(decoded(part[item.object], Record), at)
        if "Fault" in part:
            return self._faulted(item, decoded(part["Fault"], _Faults).Error, at)
        return InDoubt("the answer holds neither a record nor a fault")

    def _faulted(self, item: Item, faults: Sequence[_Fault], at: datetime | None) -> Outcome:
        fault = faults[0] if faults else _Fault()
        code = str(fault.code or "")
        words = self._client.api.redacted(": ".join(filter(None, (fault.Message, fault.Detail))))
        if code in _THROTTLED or code in _SHUT_OUT or "ThrottleExceeded" in words:
            return NotDone(f"code {code}: {words}")
        if code == _REMEMBERED or not code.isdigit() or is_system_failure(code):
            return InDoubt(f"code {code}: {words}")
        try:
            ours = self._ours(item, code, words)
        except Q2CError as error:
            return NotDone(f"code {code}: {words}; who has it could not be read: {error}")
        if ours is not None:
            return _done(ours, at)._replace(was_there=True)
        mend = _MENDS.get(code, _OTHER_MEND)
        return Refusal(code, f"code {code}: {words}. {mend}", fault.element or None, at)

    def _ours(self, item: Item, code: str, words: str) -> Record | None:
        """The record that a fault is about, if it is the one that was to be made."""
        if code == _NUMBER_TAKEN and (owner := _OWNER_OF_NUMBER.search(words)):
            return self._numbered(item, owner[1], owner[2])
        if code == _NAME_TAKEN and item.object == CUSTOMER:
            return self._named(item)
        return None

    def _numbered(self, item: Item, object: str, record_id: str) -> Record | None:
        if object != item.object:
            return None
        record = read(self._client, object, record_id)
        return record if record.carries(_marker(item)) else None

    def _named(self, item: Item) -> Record | None:
        """The customer of that name if it carries our marker, or agrees in more than the name."""
        wanted = msgspec.json.decode(item.payload, type=dict[str, Any])
        for record in customers_named(self._client, str(wanted.get("DisplayName", ""))):
            if record.carries(_marker(item)) or is_same(record, wanted):
                return record
        return None


class QuickBooksMail:
    """Has QuickBooks mail invoices, each once: what it did already is read before it is asked."""

    objects = frozenset({INVOICE_EMAIL})
    batch_items_max = 1

    def __init__(self, client: QuickBooksClient) -> None:
        self._client = client

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """As ``Target.send``."""
        return {item.id: self._mailed(request_id, item) for item in items}

    def find(self, looked: Sequence[Looked]) -> Mapping[str, Done]:
        found = {}
        for sought in looked:
            with suppress(RecordNotFound):
                record = read(self._client, INVOICE, _id_in(sought.payload))
                if record.EmailStatus == EMAIL_SENT:
                    found[sought.marker] = _done(record, None)
        return found

    def _mailed(self, request_id: str, item: Item) -> Outcome:
        invoice_id = _id_in(item.payload)
        try:
            record = read(self._client, INVOICE, invoice_id)
        except RecordNotFound as error:
            return Refusal("610", str(error), None, None)
        except Q2CError as error:
            return NotDone(str(error))
        if record.EmailStatus == EMAIL_SENT:
            return _done(record, None)._replace(was_there=True)
        if record.is_void:
            return Refusal(None, f"invoice {invoice_id} was voided, so nobody gets it", None, None)
        answer = self._client.api.post_nothing(
            f"/v3/company/{self._client.realm}/invoice/{invoice_id}/send",
            asked=f"invoice {invoice_id} by e-mail (request {request_id})",
            answer=dict[str, msgspec.Raw],
            params={"requestid": request_id, "minorversion": MINOR_VERSION},
        )
        if INVOICE not in answer:
            return InDoubt("the answer holds no invoice")
        return _done(decoded(answer[INVOICE], Record), _moment_in(answer))


def mails(current: Mapping[tuple[str, str], Event]) -> list[Wanted]:
    """The e-mails that are due: for invoices that were created in mode ``send`` and none other."""
    return [
        _mail(event)
        for event in current.values()
        if event.object == INVOICE
        and event.state in DELIVERED
        and details(event).get("mode") == "send"
        and not _is_mailed(event, current.get((INVOICE_EMAIL, event.key)))
    ]


def _is_mailed(invoice: Event, mail: Event | None) -> bool:
    return mail is not None and mail.state in DELIVERED and mail.generation >= invoice.generation


def _mail(invoice: Event) -> Wanted:
    payload = msgspec.json.encode({"Id": invoice.remote_id}).decode()
    return Wanted(
        outbox_id=f"{INVOICE_EMAIL} {invoice.marker}",
        system=invoice.target_system,
        entity=invoice.entity,
        object=INVOICE_EMAIL,
        operation=SEND,
        key=invoice.key,
        marker=f"{invoice.marker}:mail",
        generation=invoice.generation,
        payload=payload,
        payload_hash=sha256(payload.encode()).hexdigest(),
        reason="created in mode send",
        evaluated_at=invoice.vendor_at or invoice.happened_at,
        remote_id=invoice.remote_id,
    )


def _done(record: Record, at: datetime | None) -> Done:
    return Done(record.Id, record.SyncToken, record.DocNumber, record.TotalAmt, at)


def _text(text: msgspec.Raw | None) -> str:
    return "" if text is None else str(msgspec.json.decode(text))


def _moment_in(answer: Mapping[str, msgspec.Raw]) -> datetime | None:
    return msgspec.json.decode(answer["time"], type=datetime) if "time" in answer else None


def _id_in(payload: str) -> str:
    return str(msgspec.json.decode(payload, type=dict[str, str])["Id"])


def _marker(item: Item) -> str:
    wanted = msgspec.json.decode(item.payload, type=dict[str, Any])
    note = str(wanted.get("PrivateNote") or wanted.get("Notes") or "")
    return note.partition("\n")[0]
