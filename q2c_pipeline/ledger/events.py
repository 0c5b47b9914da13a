"""What the ledger says: one event for each change of an intent's state.

Belongs here: the forms. Does not belong here: where they are kept, and how they are chained.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How far an intent has come.

    ``planned`` is wanted and not sent; ``sent`` is committed before the request goes out, and is in
    doubt until something else follows. The others are ends: ``confirmed`` by the vendor's answer,
    ``adopted`` because it was found in the vendor's records, ``refused`` by the vendor for good,
    ``withdrawn`` by us before anything could come of it. A person's decision is ``confirmed`` while
    it stands and ``withdrawn`` when it does not any more.
    """

    PLANNED = "planned"
    SENT = "sent"
    CONFIRMED = "confirmed"
    ADOPTED = "adopted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


DELIVERED = frozenset({State.CONFIRMED, State.ADOPTED})
UNRESOLVED = frozenset({State.PLANNED, State.SENT})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event before it is in the ledger.

    ``target_system``, ``entity`` (realm or organisation), ``object`` (the vendor's name) and
    ``key`` say which record is meant; ``generation`` counts what was made anew after a void,
    ``attempt`` what was tried anew after a refusal. ``marker`` is what the record says about itself
    in the vendor's system. ``request_id`` is that of the request, shared by a batch, in which the
    intent is number ``position``. ``payload`` is the exact text that is sent, and ``payload_hash``
    that of the outbox. ``vendor_at`` is the vendor's clock when it answered. ``detail`` is a JSON
    object: the vendor's answer in short, a fault, a reason.
    """

    target_system: str
    entity: str
    object: str
    key: str
    operation: str
    generation: int
    attempt: int
    state: State
    marker: str
    request_id: str
    position: int
    payload: str
    payload_hash: str
    content_fingerprint: str | None = None
    preconditions_hash: str | None = None
    remote_id: str | None = None
    vendor_at: datetime | None = None
    detail: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Event(Draft):
    """An event of the ledger: number ``sequence`` from 1, without a gap.

    ``happened_at`` is this machine's clock in UTC, ``before`` the state that the intent had,
    ``actor`` who or what did it, ``run_id`` the run that did. ``hash`` covers everything else,
    ``previous_hash`` included, so that no event can be changed, moved, put in or taken out unseen.
    """

    sequence: int
    happened_at: datetime
    before: State | None
    actor: str
    run_id: str
    previous_hash: str
    hash: str
