"""A vendor in memory: it remembers requests for a while, fails in every way, and is slow at times.

Belongs here: what a vendor may do with a request. Does not belong here: what it should be asked.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from q2c_pipeline.core.errors import (
    ContractBroken,
    NotAuthorised,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    Unreachable,
)
from q2c_pipeline.ledger.target import (
    Done,
    InDoubt,
    Item,
    Looked,
    NotDone,
    Outcome,
    Refusal,
)
from tests.property.delivery.chaos import Chaos, Clock

REMEMBERED_FOR = timedelta(hours=2)
WORKS_SECONDS_MAX = 119
FAULTS = (
    "throttled",
    "unreachable",
    "unauthorised",
    "lost before",
    "lost after",
    "late",
    "garbled",
    "spoilt items",
    "silent items",
)
Answers = dict[str, Outcome]


@dataclass
class Document:
    id: str
    object: str
    marker: str
    payload: dict[str, object]
    created_at: datetime
    is_live: bool = True
    ended_at: datetime | None = None


@dataclass
class Pending:
    """A request that the vendor took and is still working on; nobody waits for it any more."""

    request_id: str
    items: Sequence[Item]
    until: datetime


@dataclass
class MemoryVendor:
    """``refusing`` are markers that it will not have; ``fault_share`` of the requests go wrong."""

    clock: Clock
    chaos: Chaos
    batch_items_max: int = 4
    objects: frozenset[str] = frozenset({"Customer", "Invoice"})
    fault_share: float = 0.0
    refusing: set[str] = field(default_factory=set)
    malformed: set[str] = field(default_factory=set)
    documents: list[Document] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    memory: dict[str, tuple[datetime, Answers]] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        self.chaos.point()
        try:
            return self._answered(request_id, items)
        finally:
            self.chaos.point()

    def find(self, looked: Sequence[Looked]) -> Mapping[str, Done]:
        self.chaos.point()
        self.work()
        if self._fault(("throttled", "unreachable")):
            raise ServiceUnavailable("no answer to a question")
        return {
            document.marker: _done(document)
            for document in self.documents
            for sought in looked
            if (sought.marker, sought.object) == (document.marker, document.object)
            and document.created_at >= sought.since
        }

    def work(self) -> None:
        """Does what is due of what it works on."""
        due = [pending for pending in self.pending if pending.until <= self.clock.now()]
        for pending in sorted(due, key=lambda pending: pending.until):
            self.pending.remove(pending)
            self._run(pending.request_id, pending.items, pending.until)

    def _answered(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        self.work()
        fault = self._fault(FAULTS)
        match fault:
            case "throttled":
                raise RateLimited("too many", retry_after_seconds=1)
            case "unreachable":
                raise Unreachable("no connection")
            case "unauthorised":
                raise NotAuthorised("who are you")
            case "lost before":
                raise ServiceUnavailable("no whole answer")
            case "late" if not self._is_known(request_id, self.clock.now()):
                seconds = self.chaos.random.randint(1, WORKS_SECONDS_MAX)
                until = self.clock.now() + timedelta(seconds=seconds)
                self.pending.append(Pending(request_id, items, until))
                raise ServiceUnavailable("gateway time-out")
        if any(json.loads(item.payload)["marker"] in self.malformed for item in items):
            raise RequestRejected("this is no batch")
        # A second request of the same id waits for the first.
        for pending in [one for one in self.pending if one.request_id == request_id]:
            self.pending.remove(pending)
            self._run(request_id, pending.items, self.clock.now())
        answers = self._run(
            request_id,
            items,
            self.clock.now(),
            spoilt=fault == "spoilt items",
            silent=fault == "silent items",
        )
        if fault in ("lost after", "late"):
            raise ServiceUnavailable("no whole answer")
        if fault == "garbled":
            raise ContractBroken("not the documented shape")
        return answers

    def _run(
        self,
        request_id: str,
        items: Sequence[Item],
        at: datetime,
        *,
        spoilt: bool = False,
        silent: bool = False,
    ) -> Answers:
        if self._is_known(request_id, at):
            return self.memory[request_id][1]
        answers: Answers = {}
        for item in items:
            answers[item.id] = self._do(item, at, spoilt=spoilt)
        if silent:
            answers.pop(self.chaos.random.choice(sorted(answers)))
        self.memory[request_id] = at, answers
        return answers

    def _do(self, item: Item, at: datetime, *, spoilt: bool) -> Outcome:
        wish = json.loads(item.payload)
        dice = self.chaos.random.random()
        if wish["marker"] in self.refusing:
            return Refusal("6000", "a business validation error", None, at)
        if spoilt and dice < 0.3:
            return NotDone("try again later")
        if spoilt and dice < 0.5:
            return InDoubt("an application error, and nothing was done")
        if item.object == "Customer":
            for document in self.documents:
                if document.object == "Customer" and document.payload["name"] == wish["name"]:
                    return _done(document)._replace(was_there=True)
        document = Document(f"{len(self.documents) + 1}", item.object, wish["marker"], wish, at)
        self.documents.append(document)
        if spoilt and dice < 0.7:
            return InDoubt("an application error, although it was done")
        return _done(document)

    def _is_known(self, request_id: str, at: datetime) -> bool:
        done_at, _ = self.memory.get(request_id, (None, None))
        return done_at is not None and at - done_at < REMEMBERED_FOR

    def _fault(self, kinds: Sequence[str]) -> str | None:
        if self.chaos.random.random() >= self.fault_share:
            return None
        kind = self.chaos.random.choice(kinds)
        self.met[kind] += 1
        return kind


def _done(document: Document) -> Done:
    total = Decimal(str(document.payload.get("amount", 0)))
    return Done(document.id, "0", document.id, total, document.created_at)
