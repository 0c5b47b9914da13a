"""Last writer wins: fields of ours in other people's records are set to what they should be.

Belongs here: which wishes are sent and when they are asked for again. Does not belong here: what
one request comes to (``overwriting.py``), a vendor's requests (its ``writeback.py``), and records
that may come about only once (``delivery.py``).

To set the same values twice does no harm, so what is in doubt is simply asked for again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from q2c_pipeline.core.errors import WritingStopped
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.ledger.events import DELIVERED, Event, State
from q2c_pipeline.ledger.intents import Intents, Ledger, details, moved
from q2c_pipeline.ledger.locks import WAIT_SECONDS
from q2c_pipeline.ledger.overwriting import Overwriter, Register, line_of
from q2c_pipeline.ledger.planning import reason_of
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.sending import Halt
from q2c_pipeline.ledger.target import Wanted

REFUSED_AGAIN_AFTER = timedelta(days=1)
"""What the vendor refused may have been mended on its side, where we see nothing of it."""
ROUNDS_ALONE_MAX = 4


def update(
    ledger: Ledger,
    register: Register,
    wanted: Sequence[Wanted],
    *,
    target_system: str,
    entity: str,
    read_at: datetime,
    stop: Callable[[], None],
    tell: Callable[[str], None],
    retry: RetryPolicy | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Report:
    """What became of every wish; they are sent in the order given, and one bad row stops no other.

    ``wanted`` are all wishes for this entity, and rest on what was read at ``read_at`` by the
    vendor's clock: what was in doubt before and is wished no more has come about. ``stop`` is asked
    before each request and raises WritingStopped. What fails is in the report; only a ledger that
    cannot be written raises.
    """
    with ledger.delivering(target_system, entity, wait_seconds=wait_seconds):
        overwriter = Overwriter(
            intents=Intents(ledger, target_system, entity),
            register=register,
            target_system=target_system,
            entity=entity,
            stop=stop,
            retry=retry or RetryPolicy(),
        )
        wishes = {(wish.object, wish.key): wish for wish in wanted}
        run = _Update(overwriter=overwriter, wishes=wishes, tell=tell)
        run.adopt(read_at)
        run.send()
        return run.report


@dataclass(frozen=True, kw_only=True)
class _Update:
    overwriter: Overwriter
    wishes: Mapping[tuple[str, str], Wanted]
    tell: Callable[[str], None]

    @property
    def intents(self) -> Intents:
        return self.overwriter.intents

    @property
    def report(self) -> Report:
        return self.overwriter.report

    @property
    def retry(self) -> RetryPolicy:
        return self.overwriter.retry

    def adopt(self, read_at: datetime) -> None:
        """What was in doubt has come about, if the record was read since and is wished no more."""
        why = {"why": "the record was read since, and nothing of it differs any more"}
        doubts = [
            event
            for event in self.intents.all()
            if event.state is State.SENT
            and (event.object, event.key) not in self.wishes
            and event.vendor_at is not None
            and event.vendor_at < read_at
        ]
        self.overwriter.keep(
            [moved(event, State.ADOPTED, why, vendor_at=read_at) for event in doubts]
        )

    def send(self) -> None:
        held: list[Event] = []
        try:
            for wishes in _parts(self._due(), self.overwriter.register.batch_items_max):
                held += self.overwriter.request(wishes)
                self.tell(f"{len(self.report.sent)} of {len(self.wishes)} rows set")
            held = self._alone(held)
        except WritingStopped as stopped:
            self.report.stopped = str(stopped)
            self._account_for_the_rest(str(stopped), self.report.skipped)
        except Halt as halt:
            self._account_for_the_rest(str(halt), self.report.not_sent)
        else:
            newest = [self.intents.newest(event.object, event.key) for event in held]
            self.report.not_sent += [
                line_of(event) for event in newest if event and event.state is State.WITHDRAWN
            ]
            self._account_for_the_rest("no answer came", self.report.not_sent)

    def _due(self) -> list[Wanted]:
        due = []
        for key, wish in self.wishes.items():
            reason = _reason_to_pass(self.intents.newest(*key), wish)
            if reason is None:
                due.append(wish)
            else:
                self.report.skipped.append(Line(wish.object, wish.key, reason))
        return due

    def _alone(self, held: Sequence[Event]) -> list[Event]:
        """Asks again for each row by itself, a few times; those that still could not be set."""
        deadline = self.retry.clock() + self.retry.budget_seconds
        for wait_seconds in self._waits_seconds():
            if not held or self.retry.clock() + wait_seconds > deadline:
                break
            self.tell(f"{len(held)} rows could not be set yet: asking again for each alone")
            self.retry.sleep(wait_seconds)
            asked, held = held, []
            for event in asked:
                is_time_left = self.retry.clock() < deadline
                wish = self.wishes[event.object, event.key]
                held += self.overwriter.request([wish]) if is_time_left else [event]
        return list(held)

    def _waits_seconds(self) -> Iterator[float]:
        for round in range(ROUNDS_ALONE_MAX):
            yield self.retry.first_wait_seconds * 2.0**round * (0.5 + self.retry.jitter() / 2)

    def _account_for_the_rest(self, why: str, lines: list[Line]) -> None:
        """A line for what is in doubt, and one in ``lines`` for each wish that has none."""
        for key in self.wishes:
            event = self.intents.newest(*key)
            if event is not None and event.state is State.SENT:
                doubt = details(event).get("answered", why)
                self.report.in_doubt.append(Line(event.object, event.key, doubt))
        told = {(line.object, line.key) for line in self.report.lines()}
        lines += [Line(*key, why) for key in self.wishes if key not in told]


def _reason_to_pass(newest: Event | None, wish: Wanted) -> str | None:
    """Why a wish is not sent now; None if it is."""
    if newest is None or newest.vendor_at is None or newest.payload_hash != wish.payload_hash:
        return None
    if newest.state in DELIVERED and newest.vendor_at >= wish.evaluated_at:
        return "set already since the record was read"
    is_as_refused = (
        newest.state is State.REFUSED and newest.preconditions_hash == wish.preconditions_hash
    )
    if is_as_refused and wish.evaluated_at - newest.vendor_at < REFUSED_AGAIN_AFTER:
        return f"refused less than a day before: {reason_of(newest)}"
    return None


def _parts(wishes: Sequence[Wanted], size: int) -> Iterator[Sequence[Wanted]]:
    for start in range(0, len(wishes), size):
        yield wishes[start : start + size]
