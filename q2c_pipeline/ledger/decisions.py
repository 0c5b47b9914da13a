"""What people decided, as events: once when it is decided, changed or taken back.

Belongs here: the difference between what is decided now and what the ledger holds. Does not belong
here: where decisions are written down, and what follows from them.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from q2c_pipeline.ledger.events import Draft, Event, State
from q2c_pipeline.ledger.intents import detail_text, details, moved
from q2c_pipeline.ledger.store import Ledger

TARGET = "policy"
"""Stands where a delivery names the system that it writes to."""
NO_ENTITY = "-"
"""Decisions are of the policy, which is of no one entity: what they are about is in their key."""


class Decision(NamedTuple):
    """One decision as it stands: about what, its whole content, what it says in short, and whose.

    ``key`` is unique among decisions of one ``object``.
    """

    object: str
    key: str
    payload: str
    told: str
    by: str


def record_decisions(ledger: Ledger, decisions: Iterable[Decision]) -> list[Event]:
    """Appends what the ledger does not hold as it stands; nothing when all is held already.

    Who decided has done what is decided or changed. Who takes a decision back does not say so, and
    then the ledger's own actor, who has found it gone, signs.
    """
    standing = {(decision.object, decision.key): decision for decision in decisions}
    with ledger.changing() as change:
        held = {
            record: event
            for record, event in change.current(TARGET, NO_ENTITY).items()
            if event.state is not State.WITHDRAWN
        }
        appended: list[Event] = []
        for record, decision in standing.items():
            if record not in held or held[record].payload != decision.payload:
                appended += change.append([_decided(decision)], actor=decision.by)
        gone = [_withdrawn(event) for record, event in held.items() if record not in standing]
        return appended + change.append(gone)


def _decided(decision: Decision) -> Draft:
    return Draft(
        target_system=TARGET,
        entity=NO_ENTITY,
        object=decision.object,
        key=decision.key,
        operation="decide",
        generation=1,
        attempt=1,
        state=State.CONFIRMED,
        marker="",
        request_id="",
        position=0,
        payload=decision.payload,
        payload_hash=hashlib.sha256(decision.payload.encode()).hexdigest(),
        detail=detail_text({"why": decision.told}),
    )


def _withdrawn(event: Event) -> Draft:
    return moved(event, State.WITHDRAWN, {"why": details(event)["why"]}).draft
