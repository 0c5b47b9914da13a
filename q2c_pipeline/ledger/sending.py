"""One request: committed before it goes out, and what came of it committed item by item.

Belongs here: what an answer, a failure or silence means for the intents of a request. Does not
belong here: which intents make up a request, and doubts that outlive the delivery.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from q2c_pipeline.core.errors import (
    ContractBroken,
    PermanentError,
    Q2CError,
    RateLimited,
    RequestRejected,
    StaleRecord,
    TransientError,
    Unreachable,
    WritingStopped,
)
from q2c_pipeline.ledger.events import Event, State
from q2c_pipeline.ledger.intents import Intents, Step, details, first_sent_at, moved, read_at
from q2c_pipeline.ledger.planning import SEND, UPDATE, reason_of
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.target import (
    Done,
    InDoubt,
    Item,
    Looked,
    NotDone,
    Outcome,
    Refusal,
    Target,
)

REPEATED_AFTER_SECONDS = (2.0, 8.0)
"""A request that nobody answered is repeated, as it was, after so long; then the next run sees."""
UNANSWERED_MAX = 2


class Halt(Exception):
    """Nothing more can be sent in this delivery; the text says why."""


@dataclass(kw_only=True)
class Sender:
    """Sends the requests of one delivery. ``stop`` raises WritingStopped when it is to end.

    One request that nobody answers may be the fault of what it holds; the next one too, and the
    vendor is away.
    """

    intents: Intents
    target: Target
    report: Report
    stop: Callable[[], None]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    _unanswered: int = 0

    def request(self, events: Sequence[Event], *, is_doubtful: bool = False) -> list[Event]:
        """Sends intents of one request id. ``is_doubtful``: they may have been sent already.

        Returns what is to be tried alone, withdrawn, because the request was refused as a whole.
        Raises Halt when the vendor cannot be asked, WritingStopped.
        """
        sent_at = first_sent_at(events[0]) if is_doubtful else self.now()
        can_repeat = all(event.operation != SEND for event in events)
        for wait_seconds in (*(REPEATED_AFTER_SECONDS if can_repeat else ()), None):
            self.stop()
            events = self.intents.advance(
                [
                    moved(event, State.SENT, {"first_sent_at": sent_at.isoformat()})
                    for event in events
                ]
            )
            try:
                outcomes = self.target.send(
                    events[0].request_id, [Item.of(event) for event in events]
                )
            except (RateLimited, Unreachable, PermanentError) as error:
                return self._not_done(events, error, is_doubtful=is_doubtful)
            except (TransientError, ContractBroken) as error:
                is_doubtful = True
                if wait_seconds is not None:
                    self.sleep(wait_seconds)
                    continue
                self._unanswered += 1
                if self._unanswered >= UNANSWERED_MAX:
                    raise Halt(str(error)) from error
            else:
                self._unanswered = 0
                self._conclude(events, outcomes)
                break
        return []

    def adopt_found(self, events: Sequence[Event]) -> list[Event]:
        """Adopts what the vendor's records hold already; the others are absent.

        Raises Halt and WritingStopped. An update has no marker that would tell whether it was done.
        """
        sought = [event for event in events if event.operation != UPDATE]
        looked = [
            Looked(event.marker, event.object, event.payload, read_at(event)) for event in sought
        ]
        try:
            found = self.target.find(looked) if looked else {}
        except WritingStopped:
            raise
        except Q2CError as error:
            raise Halt(str(error)) from error
        present = {event.sequence: event for event in sought if event.marker in found}
        self.keep(
            [
                ended(event, found[event.marker]._replace(was_there=True))
                for event in present.values()
            ]
        )
        return [event for event in events if event.sequence not in present]

    def _not_done(
        self, events: Sequence[Event], error: Q2CError, *, is_doubtful: bool
    ) -> list[Event]:
        """This time nothing was done; what came before stays in doubt."""
        if not isinstance(error, RequestRejected | StaleRecord):
            if not is_doubtful:
                self.keep([ended(event, NotDone(str(error))) for event in events])
            raise Halt(str(error)) from error
        if is_doubtful:
            return []
        if len(events) > 1:
            return self.intents.advance([ended(event, NotDone(str(error))) for event in events])
        code, field = getattr(error, "code", None), getattr(error, "field", None)
        self.keep([ended(event, Refusal(code, str(error), field, None)) for event in events])
        return []

    def _conclude(self, events: Sequence[Event], outcomes: Mapping[str, Outcome]) -> None:
        silent = InDoubt("the answer does not mention it")
        self.keep([ended(event, outcomes.get(Item.of(event).id, silent)) for event in events])

    def keep(self, steps: Sequence[Step]) -> None:
        """Commits steps, and puts what became of each into the report."""
        lists = {
            State.CONFIRMED: self.report.sent,
            State.ADOPTED: self.report.adopted,
            State.REFUSED: self.report.refused,
        }
        for event in self.intents.advance(steps):
            line = Line(event.object, event.key, reason_of(event), event.remote_id)
            if event.state is State.WITHDRAWN:
                is_failure = "not_done" in details(event)
                (self.report.not_sent if is_failure else self.report.withdrawn).append(line)
            elif event.state in lists:
                lists[event.state].append(line)


def ended(event: Event, outcome: Outcome) -> Step:
    """What an outcome makes of an intent."""
    match outcome:
        case Done():
            detail = {
                "sync_token": outcome.sync_token,
                "document_number": outcome.document_number,
                "total": None if outcome.total is None else str(outcome.total),
            }
            return moved(
                event,
                State.ADOPTED if outcome.was_there else State.CONFIRMED,
                detail,
                remote_id=outcome.remote_id,
                vendor_at=outcome.vendor_at,
            )
        case Refusal() if outcome.vendor_at and outcome.vendor_at < read_at(event):
            # Another ledger asked under the same id before; what it was told may be mended.
            why = f"the vendor repeated a refusal of before: {outcome.message}"
            return moved(event, State.WITHDRAWN, {"why": why, "not_done": True})
        case Refusal():
            detail = {"code": outcome.code, "message": outcome.message, "field": outcome.field}
            return moved(event, State.REFUSED, detail, vendor_at=outcome.vendor_at)
        case NotDone():
            return moved(event, State.WITHDRAWN, {"why": outcome.message, "not_done": True})
        case InDoubt():
            # The vendor repeats its answer to this request id, so asking again would tell nothing.
            return moved(event, State.SENT, {"answered": outcome.message})
