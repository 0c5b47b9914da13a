"""A ledger in memory, for simulations: all or none, and killed around each commit.

Belongs here: what delivery needs of the store. Does not belong here: durability and the chain
of events, which the store's own tests prove.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from q2c_pipeline.ledger.events import Draft, Event
from tests.property.delivery.chaos import Chaos


class Head(NamedTuple):
    count: int


class MemoryLedger:
    def __init__(
        self, now: Callable[[], datetime], chaos: Chaos, kept: Sequence[Event] = ()
    ) -> None:
        self.kept = list(kept)
        self._now = now
        self._chaos = chaos

    @contextmanager
    def changing(self) -> Iterator["_Change"]:
        change = _Change(self, self._now)
        yield change
        self._chaos.around(lambda: self.kept.extend(change.events))

    @contextmanager
    def delivering(self, target_system: str, entity: str, *, wait_seconds: float) -> Iterator[None]:
        yield

    def current(
        self, target_system: str, entity: str, object: str | None = None
    ) -> dict[tuple[str, str], Event]:
        return {
            (event.object, event.key): event
            for event in self.kept
            if (event.target_system, event.entity) == (target_system, entity)
            and object in (None, event.object)
        }

    def events(self, after: int = 0) -> list[Event]:
        return self.kept[after:]

    def head(self) -> Head:
        return Head(len(self.kept))


class _Change:
    def __init__(self, ledger: MemoryLedger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now
        self.events: list[Event] = []

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        newest = {
            (event.target_system, event.entity, event.object, event.key): event
            for event in (*self._ledger.kept, *self.events)
        }
        for draft in drafts:
            before = newest.get((draft.target_system, draft.entity, draft.object, draft.key))
            event = Event(
                **asdict(draft),
                sequence=len(self._ledger.kept) + len(self.events) + 1,
                happened_at=self._now(),
                before=before.state if before else None,
                actor="simulation",
                run_id="simulation",
                previous_hash="",
                hash="",
            )
            self.events.append(event)
        return self.events
