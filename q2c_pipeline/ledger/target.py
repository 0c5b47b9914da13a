"""What delivery asks of a vendor's adapter and of the CRM.

Belongs here: the forms of wishes and answers. Does not belong here: any vendor's field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol, Self

from q2c_pipeline.ledger.events import Event


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A row of an outbox: one record as it should be, decided by SQL.

    ``key`` names it for ever (an invoice's ``billing_key``). ``payload`` is the exact JSON text to
    send; where it names the record of another outbox that may not exist yet, it does so by that
    one's key, and ``depends_on`` is that key. ``marker`` is what the record will say about itself.
    ``evaluated`` is a JSON object of what the decision rests on, to be compared with the CRM's
    present state just before sending. ``total_amount`` in the payload's currency, tax included
    where it is known. ``evaluated_at`` is the vendor's clock when what was evaluated was read.
    """

    outbox_id: str
    system: str
    entity: str
    object: str
    operation: str
    key: str
    marker: str
    generation: int
    payload: str
    payload_hash: str
    reason: str
    evaluated_at: datetime
    content_fingerprint: str | None = None
    preconditions_hash: str | None = None
    depends_on: str | None = None
    remote_id: str | None = None
    evaluated: str | None = None
    total_amount: Decimal | None = None


class Item(NamedTuple):
    """One record of a request; ``id`` tells it from the others of the same request."""

    id: str
    object: str
    operation: str
    payload: str
    remote_id: str | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """The record that an intent writes."""
        return cls(
            id=str(event.position),
            object=event.object,
            operation=event.operation,
            payload=event.payload,
            remote_id=event.remote_id,
        )


class Done(NamedTuple):
    """The record as the vendor now holds it; ``was_there`` before it was asked for."""

    remote_id: str
    sync_token: str | None
    document_number: str | None
    total: Decimal | None
    vendor_at: datetime | None
    was_there: bool = False


class Refusal(NamedTuple):
    """A definite no: nothing was done, and nothing will be by asking the same again."""

    code: str | None
    message: str
    field: str | None
    vendor_at: datetime | None


class NotDone(NamedTuple):
    """Surely nothing was done, and asking again later may help (throttled, locked)."""

    message: str


class InDoubt(NamedTuple):
    """Something may have been done."""

    message: str


Outcome = Done | Refusal | NotDone | InDoubt


class Looked(NamedTuple):
    """A record to be looked for among the vendor's: by its marker, and whatever narrows it down.

    It is no older than ``since``, by the vendor's clock.
    """

    marker: str
    object: str
    payload: str
    since: datetime


class Written(NamedTuple):
    """A record of the vendor's that carries our marker, as last extracted.

    It ``is_live`` unless it was voided or deleted.
    """

    object: str
    key: str
    generation: int
    marker: str
    remote_id: str
    sync_token: str | None
    document_number: str | None
    total: Decimal | None
    is_live: bool


class Books(NamedTuple):
    """What is known of the vendor's records.

    ``read_at`` is the vendor's clock when the newest whole extraction began; None without any.
    """

    read_at: datetime | None
    written: Sequence[Written]


class Target(Protocol):
    """One entity of one vendor, as delivery sees it. Nothing else sends a write.

    It writes ``objects`` and nothing else, up to ``batch_items_max`` of one kind in a request.
    """

    objects: frozenset[str]
    batch_items_max: int

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        """Asks for all items in one request; outcomes by item id.

        Raises: RateLimited or Unreachable when surely nothing was done; any other TransientError
        when something may have been; a PermanentError when the request was refused as a whole.
        """
        ...

    def find(self, looked: Sequence[Looked]) -> Mapping[str, Done]:
        """Records that carry these markers, by marker; what is absent is not there now."""
        ...


Recheck = Callable[[Sequence[Wanted]], Mapping[str, str]]
"""Why a wish may not be sent any more, by key, in plain words; asked of the CRM just before."""
