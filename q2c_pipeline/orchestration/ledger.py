"""The ledger of this home: opened, begun for each target, and held against what others saw of it.

Belongs here: which database it is, who signs, where its head is kept besides. Does not belong here:
events, and what is delivered.
"""

import getpass
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.ledger_copy import (
    COPY,
    PUBLISHED_LOG,
    CopiedHead,
    LedgerCopy,
    copied_heads,
)
from q2c_pipeline.core.raw_reading import KnownEntity, known_entities, last_read_at
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.ledger.chain import BEGINNING, LOST, RESTORED, Head, examine, follow
from q2c_pipeline.ledger.events import Draft, State
from q2c_pipeline.ledger.opening import OPENING, open_ledger
from q2c_pipeline.ledger.store import Ledger, utc_now
from q2c_pipeline.settings import Settings


class Copied(NamedTuple):
    """What one reading of the ledger added to its copy, and the head that it found."""

    added: int
    head: CopiedHead


def ledger_of_home(run_id: str) -> Ledger:
    """The ledger that the settings name, signed by this run and the user that runs it.

    Raises StorageError or ConfigurationError when it cannot be opened.
    """
    return Ledger(Settings.read().ledger_url, actor=_actor(), run_id=run_id)


def is_begun(home: Home) -> bool:
    """Whether a setting names the ledger, or the home has one or has been read, which begins it."""
    return Settings.read().ledger is not None or home.ledger.exists() or home.raw.exists()


def begin_where_needed(
    ledger: Ledger, copy: LedgerCopy, entities: Iterable[KnownEntity]
) -> list[KnownEntity]:
    """Opens the ledger for each entity that it is new to; for all, if it lost what the copy holds.

    Call before anything is delivered: a ledger that was just begun, or restored from a backup, must
    not be trusted on what it has not seen. Returns those it was opened for.
    """
    has_lost = not bears_out(ledger, copy.last_head())
    opened = []
    for known in entities:
        if has_lost or OPENING not in ledger.current(known.system, known.entity, OPENING[0]):
            open_ledger(ledger, known.system, known.entity, known.read_at, is_restored=has_lost)
            opened.append(known)
    return opened


def begin_anew(ledger: Ledger, entities: Iterable[KnownEntity]) -> None:
    """Opens a restored ledger again for each entity, whatever of it was seen elsewhere.

    What followed the backup may have been seen by nobody: the copy may be as old as the backup.
    """
    for known in entities:
        open_ledger(ledger, known.system, known.entity, known.read_at, is_restored=True)


def begin_unread(home: Home, system: str, entities: Iterable[str]) -> None:
    """Opens the ledger for entities that this home has never read.

    Call before they are read: the first reading then begins after the opening, and shows whatever
    an earlier home wrote.
    """
    unread = [entity for entity in entities if last_read_at(home.raw, system, entity) is None]
    if not unread:
        return
    with ledger_of_home("opening") as ledger:
        for entity in unread:
            if OPENING not in ledger.current(system, entity, OPENING[0]):
                open_ledger(ledger, system, entity, None)


def begin_before_delivery(ledger: Ledger, home: Home) -> None:
    """The same for whoever delivers, with the copy and the entities of this home."""
    with RawStore(home.raw) as store:
        copy = LedgerCopy(store.connection, home.raw)
        begin_where_needed(ledger, copy, known_entities(store.connection))


def copy_ledger(ledger: Ledger, copy: LedgerCopy, *, run_id: str) -> Copied:
    """Adds to the copy what the ledger has and it has not.

    Raises StorageError where what is new does not fit together.
    """
    last = copy.last_head()
    after = Head(*last) if last is not None and bears_out(ledger, last) else BEGINNING
    rows = list(ledger.rows(after.count))
    head, _, broken = follow(rows, after)
    if broken is not None:
        raise StorageError(
            f"The ledger {ledger.name} is not as it was written. {broken} Restore it from its"
            " backup; until then nothing can be built on it"
        )
    found = CopiedHead(head.count, head.hash)
    return Copied(copy.append(rows, found, run_id=run_id, read_at=utc_now()), found)


def bears_out(ledger: Ledger, head: CopiedHead | None) -> bool:
    """Whether the ledger still has the event that was its head once."""
    if head is None or head.number == 0:
        return True
    found = next(ledger.rows(head.number - 1), None)
    return found is not None and (found["sequence"], found["hash"]) == head


def heads_outside(home: Home) -> list[Head]:
    """What the raw store and the published log have seen of the ledger, event by event."""
    return [
        Head(*head, seen_in=seen_in)
        for path, table, seen_in in (
            (home.raw, COPY, "its copy in the raw store"),
            (home.marts, PUBLISHED_LOG, "the published log"),
        )
        if path.exists()
        for head in copied_heads(path, table)
    ]


def accept_restored(ledger: Ledger, outside: Sequence[Head]) -> list[Head]:
    """Says in the ledger that it came from a backup, and names what it has lost; returns that.

    Nothing is said where nothing is lost. Raises StorageError where the chain itself is broken,
    which no backup explains.
    """
    sentences, lost = examine(ledger, outside)
    if sentences and not lost:
        raise StorageError(f"This is no sound backup of the ledger. {sentences[0]}")
    if lost:
        hashes = sorted({head.hash for head in lost})
        with ledger.changing() as change:
            change.append([_restored(hashes)])
    return lost


def _restored(lost: Sequence[str]) -> Draft:
    object, key = RESTORED
    count = len(lost)
    why = f"restored from a backup that lacks {count} event{'s' if count > 1 else ''} seen before"
    return Draft(
        target_system="q2c",
        entity="-",
        object=object,
        key=key,
        operation="restore",
        generation=1,
        attempt=1,
        state=State.CONFIRMED,
        marker="",
        request_id="",
        position=0,
        payload="",
        payload_hash="",
        detail=json.dumps({"why": why, LOST: lost}),
    )


def _actor() -> str:
    return f"q2c, user {getpass.getuser()}"
