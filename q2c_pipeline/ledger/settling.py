"""Intents that a delivery left in doubt, and how a later one settles them.

Belongs here: repeating, looking up, waiting. Does not belong here: new intents.

Within ten minutes of its first send a request is repeated as it was: the vendor remembers its id.
Later the vendor's records decide. What is not there counts as absent only once no try of the
request can still be under way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.ledger.events import Event, State
from q2c_pipeline.ledger.intents import Intents, details, first_sent_at, moved, read_at
from q2c_pipeline.ledger.opening import VENDOR_WORKS_FOR
from q2c_pipeline.ledger.planning import SEND, UPDATE
from q2c_pipeline.ledger.sending import Sender
from q2c_pipeline.ledger.target import Books, Target, Wanted

REPEATED_WITHIN = timedelta(minutes=10)
PERSISTED_FOR = timedelta(seconds=RetryPolicy().budget_seconds)
"""How long after ``sent`` was committed a client may still start the request, where it is throttled
or cannot connect."""


@dataclass(frozen=True, kw_only=True)
class Settler:
    """``wishes`` by object and key; ``rechecked`` gives those that may still be sent."""

    intents: Intents
    target: Target
    sender: Sender
    wishes: Mapping[tuple[str, str], Wanted]
    books: Books
    rechecked: Callable[[Sequence[Event]], list[Event]]
    now: Callable[[], datetime]

    def settle(self) -> None:
        """Raises Halt and WritingStopped as the sender does."""
        for request in _by_request(self._doubts()):
            if self._can_repeat(request):
                self.sender.request(request, is_doubtful=True)
        due = [event for event in self._doubts() if self._is_over(event)]
        self._withdraw_read([event for event in due if event.operation == UPDATE])
        self._look_up([event for event in due if event.operation != UPDATE])

    def _doubts(self) -> list[Event]:
        return self.intents.in_state(State.SENT, self.target.objects)

    def _can_repeat(self, request: Sequence[Event]) -> bool:
        """Only whole, unanswered, and while all of it is still wanted as it is."""
        return all(
            event.operation != SEND
            and "answered" not in details(event)
            and self.now() - first_sent_at(event) < REPEATED_WITHIN
            and self._is_wanted(event)
            for event in request
        )

    def _is_wanted(self, event: Event) -> bool:
        wanted = self.wishes.get((event.object, event.key))
        return wanted is not None and (wanted.payload_hash, wanted.generation) == (
            event.payload_hash,
            event.generation,
        )

    def _is_over(self, event: Event) -> bool:
        """Whether nothing of it can still be under way."""
        return self.now() - event.happened_at >= PERSISTED_FOR + VENDOR_WORKS_FOR

    def _withdraw_read(self, events: Sequence[Event]) -> None:
        """An update that may have been done is decided anew once the record was read again."""
        self.intents.advance(
            [
                moved(event, State.WITHDRAWN, {"why": "the record was read again since"})
                for event in events
                if self.books.read_at and self.books.read_at > read_at(event)
            ]
        )

    def _look_up(self, events: Sequence[Event]) -> None:
        absent = self.sender.adopt_found(events)
        self._settle_absent([event for event in absent if event.operation != SEND])

    def _settle_absent(self, absent: Sequence[Event]) -> None:
        """What can be asked again under its id is; the rest is withdrawn, to be planned anew."""
        again = [
            event for event in absent if self._is_wanted(event) and "answered" not in details(event)
        ]
        kept = {event.sequence for event in again}
        why = "it is not in the books, so nothing came of it"
        self.intents.advance(
            [
                moved(event, State.WITHDRAWN, {"why": why})
                for event in absent
                if event.sequence not in kept
            ]
        )
        for request in _by_request(again):
            if allowed := self.rechecked(request):
                self.sender.request(allowed)


def _by_request(events: Sequence[Event]) -> list[list[Event]]:
    """Each request's intents in its own order."""
    ordered = sorted(events, key=lambda event: (event.request_id, event.position))
    return [list(request) for _, request in groupby(ordered, key=lambda event: event.request_id)]
