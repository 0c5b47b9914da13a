"""Whether a wish becomes an intent, as which attempt, and the request id that follows from it.

Belongs here: pure decisions from the outbox, the newest event and the books. Does not belong here:
committing, asking, and what should be written at all, which is SQL.

How a wish may be repeated hangs on its operation. ``create`` says who it is by a marker, so that it
can be looked up. ``update`` is decided anew by each reading of the record. ``send`` is an e-mail:
whether it went out is looked up, and it is never asked for twice.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from q2c_pipeline.ledger.events import DELIVERED, UNRESOLVED, Draft, Event, State
from q2c_pipeline.ledger.intents import Step, detail_text, details, moved
from q2c_pipeline.ledger.target import Wanted, Written

UPDATE, SEND = "update", "send"
REQUEST_ID_CHARACTERS = 36
"""The longest that a vendor takes for a batch (QuickBooks)."""


class Attempt(NamedTuple):
    """It is to be sent, as this attempt."""

    number: int


class Pass(NamedTuple):
    """It is not to be sent now."""

    reason: str


class Plan(NamedTuple):
    """A wish that is to be sent: as which attempt, after which event, with which payload."""

    wanted: Wanted
    attempt: int
    newest: Event | None
    payload: str


def decide(
    wanted: Wanted, newest: Event | None, written: Collection[Written] = ()
) -> Attempt | Pass:
    """What a wish asks for; ``written`` are the vendor's records of its key, as last extracted."""
    if newest is not None and newest.state in UNRESOLVED:
        return Pass(f"an earlier intent is {newest.state} and not resolved yet")
    if wanted.operation == UPDATE:
        return _of_update(wanted, newest)
    live = [record for record in written if record.is_live]
    if live:
        return Pass(f"the books hold it already as {live[0].object} {live[0].remote_id}")
    if newest is None:
        return Attempt(1)
    if newest.state in DELIVERED:
        return _of_delivered(wanted, newest, written)
    if newest.generation != wanted.generation:
        is_older = wanted.generation < newest.generation
        return Pass(f"generation {newest.generation} is under way") if is_older else Attempt(1)
    return _again(wanted, newest)


def _of_delivered(wanted: Wanted, newest: Event, written: Collection[Written]) -> Attempt | Pass:
    """Made anew only once the books show the one before voided or deleted."""
    if wanted.generation <= newest.generation:
        return Pass(f"delivered already as {newest.object} {newest.remote_id}")
    if wanted.operation == SEND or any(
        record.marker == newest.marker and not record.is_live for record in written
    ):
        return Attempt(1)
    return Pass(
        f"{newest.object} {newest.remote_id} of generation {newest.generation} is not known to be"
        " voided or deleted"
    )


def _of_update(wanted: Wanted, newest: Event | None) -> Attempt | Pass:
    if newest is None:
        return Attempt(1)
    if newest.state not in DELIVERED:
        return _again(wanted, newest)
    is_as_wanted = newest.payload_hash == wanted.payload_hash
    if is_as_wanted and (newest.vendor_at or newest.happened_at) >= wanted.evaluated_at:
        return Pass("delivered already since the record was read")
    return Attempt(newest.attempt + 1)


def _again(wanted: Wanted, newest: Event) -> Attempt | Pass:
    """After a refusal only when its cause has changed; what was never sent keeps its attempt."""
    if newest.state is State.REFUSED:
        is_changed = (newest.payload_hash, newest.preconditions_hash) != (
            wanted.payload_hash,
            wanted.preconditions_hash,
        )
        if not is_changed:
            return Pass(f"refused before, and nothing changed since: {reason_of(newest)}")
        return Attempt(newest.attempt + 1)
    return Attempt(newest.attempt + (newest.before is State.SENT))


def planned(
    plans: Sequence[Plan], *, target_system: str, mode: str, read_at: datetime | None
) -> list[Step]:
    """The steps that make one request of these plans, in their order."""
    known = {"mode": mode, "read_at": read_at.isoformat() if read_at else None}
    drafts = [
        _draft(plan, position, target_system, known) for position, plan in enumerate(plans, start=1)
    ]
    request_id = request_id_of(drafts)
    return [
        Step(plan.newest, replace(draft, request_id=request_id))
        for plan, draft in zip(plans, drafts, strict=True)
    ]


def _draft(plan: Plan, position: int, target_system: str, known: Mapping[str, str | None]) -> Draft:
    wanted, total = plan.wanted, plan.wanted.total_amount
    detail = {
        **known,
        "reason": wanted.reason,
        "wanted_total": None if total is None else str(total),
    }
    return Draft(
        target_system=target_system,
        entity=wanted.entity,
        object=wanted.object,
        key=wanted.key,
        operation=wanted.operation,
        generation=wanted.generation,
        attempt=plan.attempt,
        state=State.PLANNED,
        marker=wanted.marker,
        request_id="",
        position=position,
        payload=plan.payload,
        payload_hash=wanted.payload_hash,
        content_fingerprint=wanted.content_fingerprint,
        preconditions_hash=wanted.preconditions_hash,
        remote_id=wanted.remote_id,
        detail=detail_text(detail),
    )


def request_id_of(drafts: Iterable[Draft]) -> str:
    """The same for the same markers at the same attempt; for updates, of the same content too."""
    named = [
        (
            draft.object,
            draft.key,
            draft.marker,
            draft.attempt,
            draft.payload_hash if draft.operation == UPDATE else "",
        )
        for draft in drafts
    ]
    digest = hashlib.sha256(msgspec.json.encode(named)).hexdigest()
    return f"q2c-{digest}"[:REQUEST_ID_CHARACTERS]


def resolved(wanted: Wanted, remote_ids: Mapping[str, str]) -> str:
    """The payload with the id of the record that it depends on."""
    if wanted.depends_on is None:
        return wanted.payload
    # Inside a JSON string a quote is escaped, so only a whole string can match.
    names = wanted.depends_on, remote_ids[wanted.depends_on]
    named, put = (msgspec.json.encode(name).decode() for name in names)
    return wanted.payload.replace(named, put)


def adopted(record: Written, newest: Event | None, target_system: str, entity: str) -> Step | None:
    """The step for a live record of the books that the ledger does not know; None if it does."""
    detail = {
        "why": "found in the books by its marker",
        "sync_token": record.sync_token,
        "document_number": record.document_number,
        "total": None if record.total is None else str(record.total),
    }
    if newest is None:
        draft = Draft(
            target_system=target_system,
            entity=entity,
            object=record.object,
            key=record.key,
            operation="create",
            generation=record.generation,
            attempt=1,
            state=State.ADOPTED,
            marker=record.marker,
            request_id="",
            position=0,
            payload="",
            payload_hash="",
            remote_id=record.remote_id,
            detail=detail_text(detail),
        )
        return Step(None, draft)
    is_known = newest.state in DELIVERED or newest.operation == UPDATE
    if is_known or newest.generation > record.generation:
        return None
    return moved(
        newest,
        State.ADOPTED,
        detail,
        marker=record.marker,
        generation=record.generation,
        remote_id=record.remote_id,
    )


def reason_of(event: Event) -> str:
    detail = details(event)
    return str(detail.get("message") or detail.get("why") or event.state)
