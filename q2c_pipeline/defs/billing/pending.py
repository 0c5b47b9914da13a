"""What waits to be delivered: what is wanted without what the ledger knows as done.

Belongs here: the subtraction. Does not belong here: what is wanted, and whether it may be sent.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from q2c_pipeline.core.home import Home
from q2c_pipeline.defs.accounting.quickbooks.writeback import mails
from q2c_pipeline.ledger.events import DELIVERED, UNRESOLVED, Event
from q2c_pipeline.ledger.planning import UPDATE, Attempt, decide
from q2c_pipeline.ledger.store import Current
from q2c_pipeline.ledger.target import Wanted
from q2c_pipeline.orchestration.ledger import is_begun, ledger_of_home
from q2c_pipeline.orchestration.outbox import read_wanted
from q2c_pipeline.settings import Mode

LOOKING = "looking"
"""Stands where a run would sign, for whoever only reads the ledger."""


def pending_deliveries(home: Home, mode: Mode) -> frozenset[str]:
    """What another delivery would do: records to send, to look up, and to read back.

    In mode ``send`` e-mails too, which follow from the ledger alone, so that one that could not be
    asked for waits here even when its invoice has been read back and nothing else is wanted.

    Reads published marts and the ledger, so nobody who writes is kept waiting.
    Raises StorageError when either cannot be read.
    """
    wanted: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for wish in read_wanted(home.marts):
        wanted[wish.system, wish.entity].append(wish)
    if not is_begun(home):
        return frozenset(_pending(chain.from_iterable(wanted.values()), {}))
    pending: set[str] = set()
    with ledger_of_home(LOOKING) as ledger:
        for system, entity in wanted.keys() | ledger.targets():
            current = ledger.current(system, entity)
            due = mails(current) if mode is Mode.SEND else []
            pending.update(_pending([*wanted[system, entity], *due], current))
    return frozenset(pending)


def _pending(wishes: Iterable[Wanted], current: Current) -> Iterable[str]:
    for wish in wishes:
        newest = current.get((wish.object, wish.key))
        if isinstance(decide(wish, newest), Attempt):
            yield f"send {wish.outbox_id}"
        elif newest is not None and _is_unread(wish, newest):
            yield f"read back {wish.outbox_id}"
    for event in current.values():
        if event.state in UNRESOLVED:
            yield f"look up {event.object} {event.key} {event.attempt}"


def _is_unread(wish: Wanted, newest: Event) -> bool:
    """Whether it is in the books and the marts do not know: then the CRM does not know either."""
    is_made = newest.state in DELIVERED and wish.operation != UPDATE
    return is_made and newest.generation == wish.generation
