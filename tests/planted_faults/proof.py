"""The course of the proof for one system: plant in the evening, run at night, compare.

Belongs here: which records are struck, whether a plant is real, what became of it. Does not belong
here: what is done to a record (the desks), and which nights there are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Protocol

from tests.contract.conftest import ServedSandbox
from tests.planted_faults.door import Door
from tests.planted_faults.fault import Fault, Key, Outcome, Payload, Refused, Tally
from tests.planted_faults.held import living

EARLIER = timedelta(minutes=5)
"""A nightly run keeps the hour, not the minute."""


class Desk(Protocol):
    """A person at the vendor's pages."""

    @property
    def sandbox(self) -> ServedSandbox: ...

    def truth(self) -> dict[Key, Payload]:
        """Every living record."""

    def agrees(self, held: Payload, told: Payload) -> bool:
        """Whether raw's words are the vendor's."""


def _any(record: Payload) -> bool:
    return True


@dataclass
class Proof:
    """``run`` extracts once, through the door. ``held`` is what raw had after the last run, and
    ``told`` what the vendor said last. Faults are ``planted``, then ``due`` in the next run."""

    system: str
    tables: dict[str, str]
    desk: Desk
    door: Door
    raw: Path
    run: Callable[[], object]
    random: Random
    tally: Tally
    held: dict[Key, Payload] = field(default_factory=dict)
    told: dict[Key, Payload] = field(default_factory=dict)
    planted: list[Fault] = field(default_factory=list)
    due: list[Fault] = field(default_factory=list)
    unrepaired: list[Fault] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    _spared: set[Key] = field(default_factory=set)
    _begun_at: datetime = field(init=False)
    _awaited: datetime = field(init=False)

    def begin(self) -> None:
        """The first run, after which nothing may differ."""
        self._run_and_look()
        self.misses += [f"after the first run: {key}" for key in sorted(self._differing())]

    def plant(
        self,
        kind: str,
        object: str,
        act: Callable[[str, Payload], object],
        count: int,
        *,
        fits: Callable[[Payload], bool] = _any,
    ) -> None:
        """Strikes so many records; one that the vendor will not have struck is passed over."""
        left = count
        for record in self._unstruck(object, fits):
            if not left:
                break
            try:
                act(object, record)
            except Refused:
                continue
            self._remember(kind, (object, record["Id"]))
            left -= 1

    def plant_at_once(
        self, object: str, count: int, act: Callable[[list[Payload]], object]
    ) -> None:
        """Strikes so many records in the second that was waited for, if it lasts so long."""
        struck = self._unstruck(object)[:count]
        act(struck)
        is_tie = self._moment().replace(microsecond=0) == self._awaited
        for record in struck:
            kind = "cursor-edge tie" if is_tie else "changed while reading"
            self._remember(kind, (object, record["Id"]))

    def restore(self, kind: str, act: Callable[[str, str], object], keys: Iterable[Key]) -> None:
        """Brings deleted records back, as far as the vendor does."""
        for object, record_id in keys:
            try:
                act(object, record_id)
            except Refused:
                continue
            self._remember(kind, (object, record_id))

    def disturbed(self, object: str, act: Callable[[str, Payload], object]) -> bool:
        """Business goes on: one record changes, which is no fault. False if none is left to."""
        for record in self._unstruck(object):
            try:
                act(object, record)
            except Refused:
                continue
            self._spared.add((object, record["Id"]))
            return True
        return False

    def told_of(self, object: str) -> list[Payload]:
        return [record for (name, _), record in self.told.items() if name == object]

    def struck_as(self, kind: str) -> list[Key]:
        return [fault.key for fault in self.planted if fault.kind == kind]

    def await_a_full_second(self) -> None:
        """Moves the vendor's clock to the beginning of its next second."""
        self._awaited = self._moment().replace(microsecond=0) + timedelta(seconds=1)
        self._wait_until(self._awaited)

    def night(self, *, days: float = 1, is_weekly: bool = False) -> None:
        """A run about so many days after the last. What was planted must be real by then."""
        self.told = self.desk.truth()
        unreal = [fault for fault in self.planted if self._agrees(fault.key)]
        assert not unreal, f"planted, and nothing differs: {unreal}"
        before, self.due, self.planted = self.held, self.planted, []
        self._wait_until(self._begun_at + timedelta(days=days) - EARLIER)
        self._run_and_look()
        self._spared.clear()
        unreal = [fault for fault in self.planted if self._agreed(before, fault.key)]
        assert not unreal, f"planted while the run read, and nothing differs: {unreal}"
        assert not self.door.orders_left(), "the run never came to where a fault was to be planted"
        self._judge(is_weekly=is_weekly)

    def _moment(self) -> datetime:
        """The vendor's clock."""
        return datetime.fromisoformat(self.desk.sandbox.get("/_sandbox/health").json()["clock"])

    def _judge(self, *, is_weekly: bool) -> None:
        during = self._sorted_out(self.planted, Outcome.NEXT_RUN)
        waiting = self._sorted_out(self.due, Outcome.NEXT_RUN)
        left = self._sorted_out(
            self.unrepaired, Outcome.WEEKLY_LISTING if is_weekly else Outcome.LATER_RUN
        )
        if is_weekly:
            for fault in left:
                self._count(fault, Outcome.MISSED)
            self.misses += [f"not repaired within a week: {fault}" for fault in left]
            left = []
        self.planted, self.due, self.unrepaired = during, [], waiting + left
        known = {fault.key for fault in (*self.planted, *self.unrepaired)}
        self.misses += [
            f"not planted, and differs: {key}" for key in sorted(self._differing() - known)
        ]

    def _sorted_out(self, faults: Sequence[Fault], outcome: Outcome) -> list[Fault]:
        """Counts the repaired ones; the others."""
        for fault in faults:
            if self._agrees(fault.key):
                self._count(fault, outcome)
        return [fault for fault in faults if not self._agrees(fault.key)]

    def _count(self, fault: Fault, outcome: Outcome) -> None:
        self.tally[fault.kind, self.system, outcome] += 1

    def _remember(self, kind: str, key: Key) -> None:
        self.planted.append(Fault(kind, key))

    def _unstruck(self, object: str, fits: Callable[[Payload], bool] = _any) -> list[Payload]:
        """In a random order, those that no fault has struck yet and that fit."""
        struck = {fault.key for fault in (*self.planted, *self.due, *self.unrepaired)}
        struck |= self._spared
        found = [
            record
            for record in self.told_of(object)
            if (object, record["Id"]) not in struck and fits(record)
        ]
        self.random.shuffle(found)
        return found

    def _wait_until(self, moment: datetime) -> None:
        self.desk.sandbox.advance((moment - self._moment()).total_seconds())

    def _run_and_look(self) -> None:
        self._begun_at = self._moment()
        self.run()
        self.held = living(self.raw, self.system, self.tables)
        self.told = self.desk.truth()

    def _differing(self) -> set[Key]:
        return {key for key in self.held.keys() | self.told.keys() if not self._agrees(key)}

    def _agrees(self, key: Key) -> bool:
        return self._agreed(self.held, key)

    def _agreed(self, state: dict[Key, Any], key: Key) -> bool:
        held, told = state.get(key), self.told.get(key)
        if held is None or told is None:
            return held is told
        return self.desk.agrees(held, told)
