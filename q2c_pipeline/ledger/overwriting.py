"""One request that sets rows: committed before it goes out, and what became of each row after it.

Belongs here: what an answer, a failure or silence means for the rows of a request. Does not belong
here: which rows make up a request, and when they are asked for again (``updates.py``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from q2c_pipeline.core.errors import (
    ContractBroken,
    Q2CError,
    RateLimited,
    RequestRejected,
    TransientError,
    Unreachable,
    WritingStopped,
)
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.ledger.events import Draft, Event, State
from q2c_pipeline.ledger.intents import Intents, Step, detail_text, moved
from q2c_pipeline.ledger.planning import reason_of, request_id_of
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.sending import Halt
from q2c_pipeline.ledger.target import Done, InDoubt, Item, NotDone, Outcome, Refusal, Wanted

ROWS_REFUSED_ALONE_MAX = 5
"""So many rows may spoil a run's requests; with more of them, it is not the rows."""

SILENCES_MAX = 2
"""In a row; one request without an answer may be the fault of what it holds."""


class Register(Protocol):
    """Records of one entity of one vendor that can be set to what they should be."""

    batch_items_max: int

    def vendor_now(self) -> datetime:
        """The vendor's clock as last seen."""
        ...

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """As ``Target.send``, once; to ask again for the same does no harm."""
        ...


class _Request:
    """Rows on their way, and what became of each, by position.

    The ``doubted`` may have been set by an earlier try, whatever becomes of a later one.
    """

    def __init__(self, events: Sequence[Event], seen: Sequence[Event | None]) -> None:
        self.events = events
        self.outcomes: dict[int, Outcome] = {
            event.position: NotDone("it was not asked for") for event in events
        }
        self.doubted = {
            event.position
            for event, before in zip(events, seen, strict=True)
            if before is not None and before.state is State.SENT
        }

    def not_done(self) -> list[Event]:
        return [
            event for event in self.events if isinstance(self.outcomes[event.position], NotDone)
        ]

    def steps(self) -> list[Step]:
        """What is known now; a doubt stays as it is until an answer ends it."""
        left = self.doubted & {event.position for event in self.not_done()}
        return [
            _ended(event, self.outcomes[event.position])
            for event in self.events
            if event.position not in left
        ]


@dataclass(kw_only=True)
class Overwriter:
    """Sends the requests of one run and keeps what became of them."""

    intents: Intents
    register: Register
    target_system: str
    entity: str
    stop: Callable[[], None]
    retry: RetryPolicy
    report: Report = field(default_factory=Report)
    rows_refused_alone: int = 0
    silences: int = 0

    def request(self, wishes: Sequence[Wanted]) -> list[Event]:
        """Asks for all of them at once; those with which nothing was done this time.

        Raises Halt, WritingStopped; what is known by then is in the ledger.
        """
        self.stop()
        seen = [self.intents.newest(wish.object, wish.key) for wish in wishes]
        request = _Request(self.intents.advance(self._sent(wishes, seen)), seen)
        try:
            self._ask(request, request.events)
        except (Halt, WritingStopped):
            self.keep(request.steps())
            raise
        self.keep(request.steps())
        return request.not_done()

    def keep(self, steps: Sequence[Step]) -> None:
        """Commits steps, with a line in the report for each row that came to an end."""
        lines = {
            State.CONFIRMED: self.report.sent,
            State.ADOPTED: self.report.adopted,
            State.REFUSED: self.report.refused,
        }
        for event in self.intents.advance(steps):
            if event.state in lines:
                lines[event.state].append(line_of(event))

    def _sent(self, wishes: Sequence[Wanted], seen: Sequence[Event | None]) -> list[Step]:
        """The steps that commit one request before it goes out."""
        drafts = [
            Draft(
                target_system=self.target_system,
                entity=self.entity,
                object=wish.object,
                key=wish.key,
                operation=wish.operation,
                generation=wish.generation,
                attempt=newest.attempt + 1 if newest else 1,
                state=State.SENT,
                marker=wish.marker,
                request_id="",
                position=position,
                payload=wish.payload,
                payload_hash=wish.payload_hash,
                content_fingerprint=wish.content_fingerprint,
                preconditions_hash=wish.preconditions_hash,
                remote_id=wish.remote_id or wish.key,
                vendor_at=self.register.vendor_now(),
                detail=detail_text({"reason": wish.reason}),
            )
            for position, (wish, newest) in enumerate(zip(wishes, seen, strict=True), start=1)
        ]
        request_id = request_id_of(drafts)
        return [
            Step(newest, replace(draft, request_id=request_id))
            for newest, draft in zip(seen, drafts, strict=True)
        ]

    def _ask(self, request: _Request, events: Sequence[Event]) -> None:
        """Learns what became of these rows of a request.

        One unreadable row can make the vendor refuse its whole request: then each half is asked
        for by itself.
        """
        items = [Item.of(event) for event in events]

        def once() -> Mapping[str, Outcome]:
            self.stop()
            try:
                return self.register.send(events[0].request_id, items)
            except (TransientError, ContractBroken) as error:
                if not _is_sure(error):
                    request.doubted.update(event.position for event in events)
                raise

        retrying = self.retry.retrying(is_known_host=lambda: True, is_repeatable=True)
        try:
            found = retrying(once)
            self.silences = 0
            silent = InDoubt("the answer does not mention it")
            for event, item in zip(events, items, strict=True):
                request.outcomes[event.position] = found.get(item.id, silent)
        except RequestRejected as error:
            self.silences = 0
            if len(events) > 1:
                middle = len(events) // 2
                self._ask(request, events[:middle])
                self._ask(request, events[middle:])
                return
            request.outcomes[events[0].position] = Refusal(
                error.code, str(error), error.field, self.register.vendor_now()
            )
            self.rows_refused_alone += 1
            if self.rows_refused_alone >= ROWS_REFUSED_ALONE_MAX:
                raise Halt(str(error)) from error
        except Q2CError as error:
            is_silence = isinstance(error, TransientError | ContractBroken) and not _is_sure(error)
            unknown = (InDoubt if is_silence else NotDone)(str(error))
            request.outcomes.update({event.position: unknown for event in events})
            self.silences += is_silence
            if isinstance(error, WritingStopped):
                raise
            if not is_silence or self.silences >= SILENCES_MAX:
                raise Halt(str(error)) from error


def _is_sure(error: Q2CError) -> bool:
    """Whether a request that failed so has surely done nothing."""
    return isinstance(error, RateLimited | Unreachable)


def _ended(event: Event, outcome: Outcome) -> Step:
    match outcome:
        case Done():
            return moved(event, State.CONFIRMED, {}, vendor_at=outcome.vendor_at)
        case Refusal():
            detail = {"code": outcome.code, "message": outcome.message, "field": outcome.field}
            return moved(event, State.REFUSED, detail, vendor_at=outcome.vendor_at)
        case NotDone():
            return moved(event, State.WITHDRAWN, {"why": outcome.message, "not_done": True})
        case InDoubt():
            return moved(event, State.SENT, {"answered": outcome.message})


def line_of(event: Event) -> Line:
    return Line(event.object, event.key, reason_of(event), event.remote_id)
