"""Delivers what an outbox wants to one target, each record exactly once.

Belongs here: the order in which things are done. Does not belong here: what may be planned
(``planning.py``), what an answer means (``sending.py``), what a doubt needs (``settling.py``), and
a vendor's requests, which are its target's.

Planned, checked again, committed as sent, sent, confirmed item by item. A process may be killed
between any two instructions: the next delivery finds in the ledger how far each record came, and
in the vendor's records what the ledger cannot know.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

from q2c_pipeline.core.errors import Q2CError, WritingStopped
from q2c_pipeline.ledger.events import Event, State
from q2c_pipeline.ledger.intents import Intents, Ledger, Step, details, moved
from q2c_pipeline.ledger.locks import WAIT_SECONDS
from q2c_pipeline.ledger.opening import is_careful, opened, why_not_yet
from q2c_pipeline.ledger.planning import Attempt, Plan, adopted, decide, planned, resolved
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.sending import Halt, Sender
from q2c_pipeline.ledger.settling import Settler
from q2c_pipeline.ledger.target import Books, Recheck, Target, Wanted, Written

RECHECKED_AT_ONCE = 180
"""So many wishes are looked at again together, in a few requests to the CRM."""
RECHECK_HOLDS_FOR = timedelta(seconds=30)
"""What waited longer for its turn is looked at once more."""


def deliver(
    ledger: Ledger,
    target: Target,
    wanted: Sequence[Wanted],
    *,
    target_system: str,
    entity: str,
    recheck: Recheck,
    stop: Callable[[], None],
    tell: Callable[[str], None],
    books: Books,
    mode: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
    wait_seconds: float = WAIT_SECONDS,
) -> Report:
    """What became of every wish; ``mode`` is kept with each intent.

    ``stop`` is asked before each request and raises WritingStopped. What fails is in the report.
    Raises: StorageError where the ledger cannot be used, StaleRecord where another delivery to the
    same target is at work in spite of the lock.
    """
    with ledger.delivering(target_system, entity, wait_seconds=wait_seconds):
        intents = Intents(ledger, target_system, entity)
        report = Report()
        opening = opened(intents, books.read_at)
        delivery = _Delivery(
            intents=intents,
            target=target,
            sender=Sender(
                intents=intents, target=target, report=report, stop=stop, now=now, sleep=sleep
            ),
            report=report,
            wanted=wanted,
            wishes={(wish.object, wish.key): wish for wish in wanted},
            books=books,
            written=_by_key(books.written),
            recheck=recheck,
            tell=tell,
            now=now,
            mode=mode,
            is_careful=is_careful(opening, now()),
        )
        why = why_not_yet(opening, books.read_at, now())
        if why is None:
            delivery.run()
        else:
            delivery.account_for_the_rest(why, report.skipped)
        return report


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    intents: Intents
    target: Target
    sender: Sender
    report: Report
    wanted: Sequence[Wanted]
    wishes: Mapping[tuple[str, str], Wanted]
    books: Books
    written: Mapping[tuple[str, str], Sequence[Written]]
    recheck: Recheck
    tell: Callable[[str], None]
    now: Callable[[], datetime]
    mode: str
    is_careful: bool
    changed: set[tuple[str, str]] = field(default_factory=set)
    """What was found changed by this delivery, so that it is not planned again."""

    def run(self) -> None:
        self._adopt()
        try:
            self._withdraw_planned("the delivery that planned it ended before sending it")
            self._settle()
            self._send_wanted()
        except Halt as halt:
            self.account_for_the_rest(str(halt), self.report.not_sent)
        except WritingStopped as stopped:
            self.report.stopped = str(stopped)
            self.account_for_the_rest(str(stopped), self.report.skipped)
        else:
            self.account_for_the_rest("", self.report.skipped)

    def _adopt(self) -> None:
        """Takes into the ledger what the books show and it does not know."""
        steps: dict[tuple[str, str], Step] = {}
        for record in sorted(self.books.written, key=lambda record: record.generation):
            if record.is_live and record.object in self.target.objects:
                newest = self.intents.newest(record.object, record.key)
                step = adopted(record, newest, self.intents.target_system, self.intents.entity)
                if step is not None:
                    steps[record.object, record.key] = step
        self.sender.keep(list(steps.values()))

    def _withdraw_planned(self, why: str) -> None:
        """What was planned and not sent may be planned anew."""
        planned_before = self.intents.in_state(State.PLANNED, self.target.objects)
        self.intents.advance(
            [moved(event, State.WITHDRAWN, {"why": why}) for event in planned_before]
        )

    def _settle(self) -> None:
        settler = Settler(
            intents=self.intents,
            target=self.target,
            sender=self.sender,
            wishes=self.wishes,
            books=self.books,
            rechecked=self._rechecked,
            now=self.now,
        )
        settler.settle()

    def _send_wanted(self) -> None:
        """In waves: what depends on a record goes out once that one is there."""
        waiting = list(self.wanted)
        while waiting:
            remote_ids = self._remote_ids()
            there = {None, *remote_ids}
            ready = [wish for wish in waiting if wish.depends_on in there]
            waiting = [wish for wish in waiting if wish.depends_on not in there]
            if not ready:
                break
            plans = [plan for wish in ready if (plan := self._plan(wish, remote_ids))]
            for _, alike in groupby(plans, key=lambda plan: plan.wanted.object):
                for plans_at_once in _batches(alike, RECHECKED_AT_ONCE):
                    self._send(plans_at_once, remote_ids)
        for wish in waiting:
            why = f"it waits for {wish.depends_on}, which is not delivered"
            self.report.skipped.append(Line(wish.object, wish.key, why))

    def _remote_ids(self) -> dict[str, str]:
        return {event.key: event.remote_id for event in self.intents.all() if event.remote_id}

    def _plan(self, wish: Wanted, remote_ids: Mapping[str, str]) -> Plan | None:
        if (wish.object, wish.key) in self.changed:
            return None
        newest = self.intents.newest(wish.object, wish.key)
        decided = decide(wish, newest, self.written.get((wish.object, wish.key), ()))
        if isinstance(decided, Attempt):
            return Plan(wish, decided.number, newest, resolved(wish, remote_ids))
        if newest is None or newest.state is not State.SENT:
            self.report.skipped.append(Line(wish.object, wish.key, decided.reason))
        return None

    def _send(self, plans: Sequence[Plan], remote_ids: Mapping[str, str]) -> None:
        """Checked again together and sent in requests, one after the other.

        One that is refused as a whole is made again of each of its items.
        """
        steps = [
            step
            for batch in _batches(plans, self.target.batch_items_max)
            for step in planned(
                batch,
                target_system=self.intents.target_system,
                mode=self.mode,
                read_at=self.books.read_at,
            )
        ]
        events = self.intents.advance(steps)
        if self.is_careful:
            events = self.sender.adopt_found(events)
        events, rechecked_at = self._rechecked(events), self.now()
        for _, request in groupby(events, key=lambda event: event.request_id):
            asked = list(request)
            if self.now() - rechecked_at > RECHECK_HOLDS_FOR:
                asked, rechecked_at = self._rechecked(asked), self.now()
            refused = self.sender.request(asked) if asked else []
            self.tell(f"{len(self.report.sent)} of {len(self.wanted)} delivered")
            for event in refused:
                alone = self._plan(self.wishes[event.object, event.key], remote_ids)
                if alone is not None:
                    self._send([alone], remote_ids)

    def _rechecked(self, events: Sequence[Event]) -> list[Event]:
        """The intents that may be sent now; the others are withdrawn."""
        if not events:
            return []
        try:
            reasons = self.recheck([self.wishes[event.object, event.key] for event in events])
        except WritingStopped:
            raise
        except Q2CError as error:
            raise Halt(f"what was evaluated could not be checked again: {error}") from error
        changed = [event for event in events if event.key in reasons]
        self.sender.keep(
            [
                moved(event, State.WITHDRAWN, {"why": reasons[event.key], "changed": True})
                for event in changed
            ]
        )
        self.changed.update((event.object, event.key) for event in changed)
        return [event for event in events if event.key not in reasons]

    def account_for_the_rest(self, why: str, lines: list[Line]) -> None:
        """A line for what is in doubt, and one in ``lines`` for each wish that has none.

        What was settled or adopted in this delivery needs no word that it was then skipped.
        """
        self._withdraw_planned(why)
        for event in self.intents.in_state(State.SENT, self.target.objects):
            doubt = details(event).get("answered", "no answer came, and it is to be looked up")
            self.report.in_doubt.append(Line(event.object, event.key, doubt))
        skipped, self.report.skipped[:] = list(self.report.skipped), []
        told = {(line.object, line.key) for line in self.report.lines()}
        self.report.skipped += [line for line in skipped if (line.object, line.key) not in told]
        told |= {(line.object, line.key) for line in skipped}
        for wish in self.wanted:
            if (wish.object, wish.key) not in told:
                lines.append(Line(wish.object, wish.key, why))


def _batches(plans: Iterable[Plan], items_max: int) -> Iterator[list[Plan]]:
    remaining = iter(plans)
    while batch := list(islice(remaining, items_max)):
        yield batch


def _by_key(records: Sequence[Written]) -> dict[tuple[str, str], list[Written]]:
    found: dict[tuple[str, str], list[Written]] = {}
    for record in records:
        found.setdefault((record.object, record.key), []).append(record)
    return found
