"""The first event of a ledger for a target, and how careful it makes the deliveries after it.

Belongs here: what a ledger may not know that is new, lost and begun again, or restored. Does not
belong here: looking it up.
"""

from datetime import datetime, timedelta

from q2c_pipeline.ledger.events import Draft, Event, State
from q2c_pipeline.ledger.intents import Intents, Ledger, Step, detail_text, details

OPENING = ("Ledger", "opened")
VENDOR_WORKS_FOR = timedelta(seconds=120)
"""How long a vendor works on a request at most; until then what it does may not be seen yet."""
CAREFUL_FOR = timedelta(days=1)


def open_ledger(
    ledger: Ledger,
    target_system: str,
    entity: str,
    read_at: datetime | None,
    *,
    is_restored: bool = False,
) -> None:
    """Begins the ledger for this target if it was not begun, or again after it was restored.

    From then on nothing is sent until an extraction newer than ``read_at``, the vendor's clock of
    the newest one so far, was looked through for records that carry our marker.
    """
    intents = Intents(ledger, target_system, entity)
    if is_restored or intents.newest(*OPENING) is None:
        _open(intents, read_at)


def opened(intents: Intents, read_at: datetime | None) -> Event:
    """The event that opened the ledger for this target; it is opened now if it was not."""
    return intents.newest(*OPENING) or _open(intents, read_at)


def why_not_yet(opening: Event, read_at: datetime | None, now: datetime) -> str | None:
    """Why nothing may be sent: the vendor may hold records of ours that nobody has seen yet."""
    after = _after_reading(opening)
    if read_at is None or (after is not None and read_at <= after):
        return (
            "the ledger was opened after the books were last read, so they may hold what it does"
            " not know; the next run reads them first"
        )
    if after is not None and now - opening.happened_at < VENDOR_WORKS_FOR:
        return "the ledger was opened moments ago, and an earlier request may be under way still"
    return None


def is_careful(opening: Event, now: datetime) -> bool:
    """Whether each record is looked up before it is first sent.

    Where the vendor was read before the ledger was opened, another ledger may have been lost, and
    the next reading may have missed what its last request did.
    """
    return _after_reading(opening) is not None and now - opening.happened_at < CAREFUL_FOR


def _after_reading(opening: Event) -> datetime | None:
    after = details(opening).get("after_reading")
    return None if after is None else datetime.fromisoformat(after)


def _open(intents: Intents, read_at: datetime | None) -> Event:
    object, key = OPENING
    draft = Draft(
        target_system=intents.target_system,
        entity=intents.entity,
        object=object,
        key=key,
        operation="open",
        generation=1,
        attempt=1,
        state=State.CONFIRMED,
        marker="",
        request_id="",
        position=0,
        payload="",
        payload_hash="",
        detail=detail_text({"after_reading": read_at.isoformat() if read_at else None}),
    )
    (event,) = intents.advance([Step(intents.newest(object, key), draft)])
    return event
