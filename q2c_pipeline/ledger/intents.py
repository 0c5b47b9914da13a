"""The newest event of every record of one target, kept up with the ledger, and moving it on.

Belongs here: events from events, all or none, and only from the state that was seen. Does not
belong here: which step is due.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from q2c_pipeline.core.errors import StaleRecord
from q2c_pipeline.ledger.events import Draft, Event, State

_DRAFT_FIELDS = tuple(field.name for field in fields(Draft))
_CARRIED = ("mode", "read_at", "first_sent_at", "wanted_total")
"""What an intent's detail keeps from one state to the next."""


class Change(Protocol):
    def append(self, drafts: Sequence[Draft]) -> list[Event]: ...


class Head(Protocol):
    @property
    def count(self) -> int: ...


class Ledger(Protocol):
    """What delivery needs of the store."""

    def changing(self) -> AbstractContextManager[Change]: ...

    def current(
        self, target_system: str, entity: str, object: str | None = None
    ) -> dict[tuple[str, str], Event]: ...

    def events(self, after: int = 0) -> Iterable[Event]: ...

    def head(self) -> Head: ...

    def delivering(
        self, target_system: str, entity: str, *, wait_seconds: float
    ) -> AbstractContextManager[None]: ...


class Step(NamedTuple):
    """An event to be, and the event that must still be the newest; None for none at all."""

    seen: Event | None
    draft: Draft


class Intents:
    """Everything of one entity of one target, as this delivery last saw it."""

    def __init__(self, ledger: Ledger, target_system: str, entity: str) -> None:
        self._ledger = ledger
        self.target_system = target_system
        self.entity = entity
        self._sequence = ledger.head().count
        self._newest = dict(ledger.current(target_system, entity))

    def newest(self, object: str, key: str) -> Event | None:
        return self._newest.get((object, key))

    def all(self) -> list[Event]:
        """In the order in which they came about."""
        return sorted(self._newest.values(), key=lambda event: event.sequence)

    def in_state(self, state: State, objects: Collection[str]) -> list[Event]:
        return [event for event in self.all() if event.state is state and event.object in objects]

    def advance(self, steps: Sequence[Step]) -> list[Event]:
        """Commits all steps in one transaction.

        Raises StaleRecord, and nothing is committed, if anybody else moved one of them on.
        """
        if not steps:
            return []
        with self._ledger.changing() as change:
            self._keep(self._ledger.events(after=self._sequence))
            for seen, draft in steps:
                newest = self.newest(draft.object, draft.key)
                if (newest and newest.sequence) != (seen and seen.sequence):
                    raise StaleRecord(
                        f"{draft.object} {draft.key} of {draft.target_system} {draft.entity} was"
                        " moved on by another delivery at the same moment, so this one stops;"
                        " run again"
                    )
            appended = change.append([draft for _, draft in steps])
        self._keep(appended)
        return appended

    def _keep(self, events: Iterable[Event]) -> None:
        for event in events:
            self._sequence = event.sequence
            if (event.target_system, event.entity) == (self.target_system, self.entity):
                self._newest[event.object, event.key] = event


def moved(event: Event, state: State, detail: dict[str, Any], **changes: Any) -> Step:
    """The step that brings an intent into another state."""
    known = details(event)
    kept = {name: known[name] for name in _CARRIED if name in known}
    values = {name: getattr(event, name) for name in _DRAFT_FIELDS}
    values |= {"state": state, "detail": detail_text(kept | detail)} | changes
    return Step(event, Draft(**values))


def details(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(event.detail)
    return found


def detail_text(detail: dict[str, Any]) -> str:
    """JSON without what is not known."""
    known = {name: value for name, value in detail.items() if value is not None}
    return msgspec.json.encode(known, order="sorted").decode()


def first_sent_at(event: Event) -> datetime:
    """When the request of an intent in doubt first went out, by this machine's clock."""
    return datetime.fromisoformat(details(event)["first_sent_at"])


def read_at(event: Event) -> datetime:
    """When the vendor's records were last read before the intent was planned, by its clock."""
    return datetime.fromisoformat(details(event)["read_at"])
