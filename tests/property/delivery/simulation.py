"""Weeks of a company in which deliveries die, vendors fail and people change their minds.

Belongs here: units, what is wanted of them, and the course of a simulation. Does not belong here:
the rules that deliver, which are the product's, and the vendor's side, which is given.

What is wanted is decided as the outbox decides it: from an extraction, without a look at the
ledger.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Protocol

from q2c_pipeline.core.errors import ServiceUnavailable, WritingStopped
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.events import DELIVERED, State
from q2c_pipeline.ledger.opening import open_ledger
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.target import Books, Target, Wanted, Written
from tests.property.delivery.chaos import Chaos, Clock, Killed
from tests.property.delivery.memory_ledger import MemoryLedger

TARGET, ENTITY = "quickbooks", "1"
RUNS = 10
QUIET_RUNS = 6
PAUSES_SECONDS = (0, 1, 30, 100, 130, 400, 590, 610, 3_600, 20_000, 200_000)
ACTS = ("void", "delete", "approve", "change", "revoke", "mend", "nothing", "nothing")


@dataclass
class Unit:
    """One thing to bill; a new ``version`` is another content, approved or not."""

    key: str
    customer: str | None
    version: int = 1
    approved_at: datetime | None = None
    is_refused: bool = False
    was_approved: bool = False

    def approve(self, at: datetime | None) -> None:
        self.approved_at = at
        self.was_approved |= at is not None


class VendorSide(Protocol):
    """The vendor as a simulation sees it, beside what delivery may ask of it."""

    def target(self) -> Target: ...

    def records(self) -> Sequence[Written]:
        """All that carry a marker, live or not, as the vendor holds them now."""
        ...

    def ended_at(self, record: Written) -> datetime: ...

    def end(self, record: Written, how: str) -> None:
        """Somebody voids or deletes it."""
        ...

    def refuse(self, unit: str, is_refused: bool) -> None: ...

    def fail(self, share: float) -> None:
        """From now on so many requests go wrong."""
        ...

    def settle(self) -> None:
        """Does what it still works on."""
        ...


class Extraction:
    """What one reading of both systems saw."""

    def __init__(self, units: Mapping[str, Unit], side: VendorSide, read_at: datetime) -> None:
        self.read_at = read_at
        self.units = {key: replace(unit) for key, unit in units.items()}
        self.records = list(side.records())
        self.ended_at = {
            record.remote_id: side.ended_at(record) for record in self.records if not record.is_live
        }


@dataclass
class Simulation:
    random: Random
    clock: Clock
    chaos: Chaos
    side: VendorSide
    prefix: str
    payload: Callable[[Unit, str, str | None], Mapping[str, object]]
    customer_payload: Callable[[str, str], Mapping[str, object]]
    units: dict[str, Unit] = field(default_factory=dict)
    deaths: int = 0
    losses: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        customers = [None, f"{self.prefix}c1", f"{self.prefix}c2"]
        for number in range(self.random.randint(1, 7)):
            key = f"salesforce:{self.prefix}{number}:-"
            unit = Unit(key, self.random.choice(customers))
            unit.is_refused = self.random.random() < 0.15
            unit.approve(self.clock.now() if self.random.random() < 0.85 else None)
            self.units[key] = unit
            self.side.refuse(key, unit.is_refused)
        self.ledger = MemoryLedger(self.clock.now, self.chaos)
        self.extraction: Extraction | None = None
        self.backup = list(self.ledger.kept)
        if self.random.random() < 0.5:
            open_ledger(self.ledger, TARGET, ENTITY, None)

    def run(self) -> None:
        for _ in range(RUNS):
            self.clock.sleep(self.random.choice(PAUSES_SECONDS))
            for _ in range(self.random.randint(0, 2)):
                self._people(self.random.choice(ACTS))
            if self.random.random() < 0.03:
                self._lose_the_ledger()
            if self.random.random() < 0.8:
                self._extract()
            self.side.fail(self.random.choice((0, 0.1, 0.3, 0.6)))
            if self.random.random() < 0.6:
                self.chaos.steps_left = self.random.randint(1, 40)
            try:
                self.deliver(is_rough=True)
            except Killed:
                self.deaths += 1
            self.chaos.steps_left = None
            self.check_the_books()
        self._quietly()

    def deliver(self, *, is_rough: bool = False) -> Report | None:
        if self.extraction is None:
            return None
        stops_after = (
            self.random.randint(0, 20) if is_rough and self.random.random() < 0.1 else None
        )
        calls = 0

        def stop() -> None:
            nonlocal calls
            calls += 1
            if stops_after is not None and calls > stops_after:
                raise WritingStopped("the switch is thrown")

        def recheck(wishes: Sequence[Wanted]) -> Mapping[str, str]:
            if is_rough and self.random.random() < 0.1:
                raise ServiceUnavailable("the CRM is away")
            return {
                wish.key: "changed since it was evaluated"
                for wish in wishes
                if wish.object == "Invoice" and wish.evaluated != self._evaluated(wish.key)
            }

        return deliver(
            self.ledger,
            self.side.target(),
            self.wanted(self.extraction),
            target_system=TARGET,
            entity=ENTITY,
            recheck=recheck,
            stop=stop,
            tell=lambda text: None,
            books=Books(self.extraction.read_at, self.extraction.records),
            mode="draft",
            now=self.clock.now,
            sleep=self.clock.sleep,
        )

    def wanted(self, extraction: Extraction) -> list[Wanted]:
        """The outbox: what the extraction says should be in the books and is not."""
        known = {
            record.key: record.remote_id
            for record in extraction.records
            if record.object == "Customer" and record.is_live
        }
        invoices: list[Wanted] = []
        customers: dict[str, Wanted] = {}
        for unit in extraction.units.values():
            generation = self._generation(unit, extraction)
            if generation is None:
                continue
            customer = unit.customer
            if customer is not None and customer not in known:
                customers[customer] = self._customer(customer, extraction)
            marker = f"q2c:{ENTITY}:{unit.key}:{generation}"
            named = known.get(customer, customer) if customer else None
            payload = json.dumps(self.payload(unit, marker, named))
            invoices.append(
                self._wish(
                    "Invoice",
                    unit.key,
                    marker,
                    payload,
                    extraction,
                    generation=generation,
                    preconditions_hash=str(unit.is_refused),
                    evaluated=f"{unit.version} {unit.approved_at}",
                    depends_on=customer if customer in customers else None,
                )
            )
        return [*customers.values(), *invoices]

    def check_the_books(self) -> None:
        live = Counter((record.object, record.key) for record in self._ours() if record.is_live)
        assert all(count == 1 for count in live.values()), live
        markers = Counter(record.marker for record in self._ours())
        assert all(count == 1 for count in markers.values()), markers
        billed = {record.key for record in self._ours() if record.object == "Invoice"}
        assert all(self.units[key].was_approved for key in billed)

    def _quietly(self) -> None:
        """Nothing fails any more, and every unit comes to its end."""
        self.side.fail(0)
        report = None
        for _ in range(QUIET_RUNS):
            self.clock.sleep(700)
            self._extract()
            report = self.deliver()
            self.check_the_books()
        assert report is not None
        assert not report.in_doubt
        assert not report.not_sent
        self.side.settle()
        self.check_the_books()
        self._extract()
        assert self.extraction is not None
        live = {record.key for record in self._ours() if record.is_live}
        current = self.ledger.current(TARGET, ENTITY, "Invoice")
        for unit in self.units.values():
            newest = current.get(("Invoice", unit.key))
            if unit.key in live:
                assert newest is not None
                assert newest.state in DELIVERED
                self.ended["billed"] += 1
            elif self._generation(unit, self.extraction) is None:
                self.ended["not to be billed"] += 1
            else:
                assert unit.is_refused, f"{unit} was lost: {newest}"
                assert newest is not None
                assert newest.state is State.REFUSED
                self.ended["refused"] += 1

    def _generation(self, unit: Unit, extraction: Extraction) -> int | None:
        """As which generation it is to be billed; None if it is not, or is already."""
        records = [
            record
            for record in extraction.records
            if (record.object, record.key) == ("Invoice", unit.key)
        ]
        if unit.approved_at is None or any(record.is_live for record in records):
            return None
        ended_at = [extraction.ended_at[record.remote_id] for record in records]
        if any(unit.approved_at <= moment for moment in ended_at):
            return None
        return 1 + max((record.generation for record in records), default=0)

    def _customer(self, key: str, extraction: Extraction) -> Wanted:
        marker = f"q2c:{ENTITY}:customer:{key}:1"
        payload = json.dumps(self.customer_payload(key, marker))
        return self._wish("Customer", key, marker, payload, extraction, evaluated="")

    def _wish(
        self,
        object: str,
        key: str,
        marker: str,
        payload: str,
        extraction: Extraction,
        *,
        generation: int = 1,
        preconditions_hash: str = "",
        evaluated: str = "",
        depends_on: str | None = None,
    ) -> Wanted:
        return Wanted(
            outbox_id=f"{object} {key} {generation}",
            system=TARGET,
            entity=ENTITY,
            object=object,
            operation="create",
            key=key,
            marker=marker,
            generation=generation,
            payload=payload,
            payload_hash=hashlib.sha256(payload.encode()).hexdigest(),
            reason="won and approved",
            evaluated_at=extraction.read_at,
            preconditions_hash=preconditions_hash,
            depends_on=depends_on,
            evaluated=evaluated,
        )

    def _evaluated(self, key: str) -> str:
        unit = self.units[key]
        return f"{unit.version} {unit.approved_at}"

    def _ours(self) -> list[Written]:
        return [record for record in self.side.records() if record.key in self._keys()]

    def _keys(self) -> set[str]:
        customers = {unit.customer for unit in self.units.values() if unit.customer}
        return {*self.units, *customers}

    def _extract(self) -> None:
        self.clock.sleep(1)
        self.extraction = Extraction(self.units, self.side, self.clock.now())
        self.clock.sleep(self.random.choice((1, 20)))

    def _lose_the_ledger(self) -> None:
        """It is gone, or comes back from a backup and is opened again."""
        self.losses += 1
        is_restored = self.random.random() < 0.5
        self.ledger = MemoryLedger(self.clock.now, self.chaos, self.backup if is_restored else ())
        if is_restored:
            read_at = self.extraction.read_at if self.extraction else None
            open_ledger(self.ledger, TARGET, ENTITY, read_at, is_restored=True)
        self.backup = list(self.ledger.kept)

    def _people(self, act: str) -> None:
        unit = self.random.choice(list(self.units.values()))
        match act:
            case "void" | "delete":
                for record in self._ours():
                    if (record.object, record.key) == ("Invoice", unit.key) and record.is_live:
                        self.clock.sleep(1)
                        self.side.end(record, act)
                        self.clock.sleep(1)
            case "approve":
                unit.approve(self.clock.now())
            case "change":
                unit.version += 1
                unit.approve(self.random.choice((None, self.clock.now())))
            case "revoke":
                unit.approve(None)
            case "mend":
                unit.is_refused = False
                self.side.refuse(unit.key, False)
            case "nothing" if self.random.random() < 0.3:
                self.backup = list(self.ledger.kept)
