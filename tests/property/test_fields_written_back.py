"""However often it dies and the vendor fails, every field becomes what it should be, and stays."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import pytest

from q2c_pipeline.core.errors import (
    AllowanceSpent,
    ContractBroken,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    Unreachable,
    WritingStopped,
)
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.ledger.events import State
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.target import Done, Item, NotDone, Outcome, Refusal, Wanted
from q2c_pipeline.ledger.updates import update
from tests.property.delivery.chaos import Chaos, Clock, Killed
from tests.property.delivery.memory_ledger import MemoryLedger

SEEDS, SAMPLE = 5_000, 50
TARGET, ENTITY = "salesforce", "1"
KEYS = tuple(f"record {number}" for number in range(9))
REFUSED, POISON = KEYS[0], KEYS[1]
DAYS, RUNS_A_DAY_MAX = 6, 3
PAUSES_SECONDS = (0, 30, 3_600, 90_000)
FAULTS = ("throttled", "unreachable", "spent", "lost before", "lost after", "garbled", "locked")


@dataclass
class MemoryRegister:
    """A vendor whose records are set; a request with the poison in it is refused whole."""

    clock: Clock
    random: Random
    chaos: Chaos
    batch_items_max: int
    fault_share: float = 0.0
    values: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    written: list[tuple[str, int, datetime]] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def vendor_now(self) -> datetime:
        return self.clock.now()

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        self.chaos.point()
        self.clock.sleep(1)
        fault = self.random.choice(FAULTS) if self.random.random() < self.fault_share else ""
        self.met[fault] += 1
        if fault == "throttled":
            raise RateLimited("throttled", retry_after_seconds=1)
        if fault == "unreachable":
            raise Unreachable("unreachable")
        if fault == "spent":
            raise AllowanceSpent("spent")
        if fault == "lost before":
            raise ServiceUnavailable("lost before")
        if any(item.remote_id == POISON for item in items):
            raise RequestRejected("unreadable", code="JSON_PARSER_ERROR")
        outcomes = {item.id: self._set(item, is_spoilt=fault == "locked") for item in items}
        self.chaos.point()
        if fault == "lost after":
            raise ServiceUnavailable("lost after")
        if fault == "garbled":
            raise ContractBroken("garbled")
        return outcomes

    def _set(self, item: Item, *, is_spoilt: bool) -> Outcome:
        key = item.remote_id or ""
        if is_spoilt and self.random.random() < 0.5:
            return NotDone("locked")
        if key == REFUSED:
            return Refusal("NO", "not this one", None, self.clock.now())
        self.values[key] = json.loads(item.payload)["value"]
        self.written.append((key, self.values[key], self.clock.now()))
        return Done(key, None, None, None, self.clock.now())


def wish(key: str, value: int, read_at: datetime) -> Wanted:
    payload = json.dumps({"value": value})
    return Wanted(
        outbox_id=key,
        system=TARGET,
        entity=ENTITY,
        object="Account",
        operation="update",
        key=key,
        marker=key,
        generation=1,
        payload=payload,
        payload_hash=hashlib.sha256(payload.encode()).hexdigest(),
        reason="it differs",
        evaluated_at=read_at,
    )


@dataclass
class Course:
    """Days on which figures move, people overwrite ours, runs die and requests fail."""

    seed: int

    def __post_init__(self) -> None:
        self.random, self.clock = Random(self.seed), Clock()
        self.chaos = Chaos(self.random)
        self.ledger = MemoryLedger(self.clock.now, self.chaos)
        self.register = MemoryRegister(
            self.clock, self.random, self.chaos, batch_items_max=self.random.choice((1, 3, 200))
        )
        self.figures = dict.fromkeys(KEYS, 1)
        self.deaths = 0

    def run(self) -> None:
        for _ in range(DAYS):
            for key in KEYS:
                if self.random.random() < 0.3:
                    self.figures[key] += 1
                if self.random.random() < 0.1:
                    self.register.values[key] = -1
            self.day(is_rough=True)
            self.clock.sleep(self.random.choice(PAUSES_SECONDS))
        self.clock.sleep(100_000)
        self.day(is_rough=False)
        self.clock.sleep(100_000)
        self.day(is_rough=False)

    def day(self, *, is_rough: bool) -> None:
        """One reading, and runs that rest on it."""
        self.clock.sleep(1)
        read_at = self.clock.now()
        wanted = [
            wish(key, self.figures[key], read_at)
            for key in KEYS
            if self.register.values[key] != self.figures[key]
        ]
        self.register.fault_share = self.random.choice((0.0, 0.2, 0.6)) if is_rough else 0.0
        for _ in range(self.random.randint(1, RUNS_A_DAY_MAX)):
            dies = is_rough and self.random.random() < 0.3
            self.chaos.steps_left = self.random.randint(1, 20) if dies else None
            first_write = len(self.register.written)
            confirmed = self.confirmed_since(read_at)
            try:
                report = self.update(wanted, read_at, is_rough=is_rough)
            except Killed:
                self.deaths += 1
            else:
                told = Counter((line.object, line.key) for line in report.lines())
                assert told.keys() >= {("Account", each.key) for each in wanted}
                assert set(told.values()) <= {1}
            again = {key for key, _, _ in self.register.written[first_write:]}
            assert not again & confirmed
        self.chaos.steps_left = None

    def update(self, wanted: Sequence[Wanted], read_at: datetime, *, is_rough: bool) -> Report:
        stops_after = self.random.randint(1, 6) if is_rough and self.random.random() < 0.1 else None
        asked = 0

        def stop() -> None:
            nonlocal asked
            asked += 1
            if stops_after is not None and asked > stops_after:
                raise WritingStopped("switched off")

        return update(
            self.ledger,
            self.register,
            wanted,
            target_system=TARGET,
            entity=ENTITY,
            read_at=read_at,
            stop=stop,
            tell=lambda line: None,
            retry=RetryPolicy(
                attempts_max=3,
                clock=lambda: self.clock.now().timestamp(),
                sleep=self.clock.sleep,
                jitter=lambda: 0.5,
            ),
        )

    def confirmed_since(self, read_at: datetime) -> set[str]:
        """Records whose newest event says that they were set after the reading."""
        newest = self.ledger.current(TARGET, ENTITY).values()
        return {
            event.key
            for event in newest
            if event.state is State.CONFIRMED and event.vendor_at and event.vendor_at >= read_at
        }


@pytest.mark.prove
def test_every_field_becomes_what_it_should_be(is_whole_proof: bool) -> None:
    met: Counter[str] = Counter()
    deaths = refusals = 0
    for seed in range(SEEDS if is_whole_proof else SAMPLE):
        course = Course(seed)
        course.run()
        states = {
            event.key: event.state for event in course.ledger.current(TARGET, ENTITY).values()
        }
        for key in set(KEYS) - {REFUSED, POISON}:
            assert course.register.values[key] == course.figures[key], (seed, key)
            assert states[key] in {State.CONFIRMED, State.ADOPTED}, (seed, key)
        assert {states[REFUSED], states[POISON]} == {State.REFUSED}, seed
        assert not [key for key, _, _ in course.register.written if key in (REFUSED, POISON)]
        met += course.register.met
        deaths += course.deaths
        refusals += sum(event.state is State.REFUSED for event in course.ledger.kept)
    assert met.keys() >= set(FAULTS)
    assert deaths
    assert refusals
