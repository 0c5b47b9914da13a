"""A process that delivers to a served sandbox, for tests that kill it.

Belongs here: one delivery from its arguments. Does not belong here: when it dies.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from q2c_pipeline.core.errors import StaleRecord
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.accounting.quickbooks.writeback import QuickBooksTarget
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.opening import open_ledger
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.store import Ledger
from q2c_pipeline.ledger.target import Books, Wanted

SYSTEM = "quickbooks"
READY = "ready"
READ_AT = datetime.fromisoformat("2026-03-02T09:00:00-08:00")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one process is to deliver, and where it keeps what it did."""

    ledger_url: str
    settings: dict[str, str]
    tokens: str
    units: list[str]
    batch_items_max: int = 30
    is_locked: bool = True


def wanted(realm_id: str, unit: str) -> Wanted:
    marker = f"q2c:{realm_id}:salesforce:{unit}:-:1"
    payload = json.dumps(
        {
            "CustomerRef": {"value": "1"},
            "TxnDate": "2026-03-02",
            "PrivateNote": f"{marker}\nMade up",
            "Line": [
                {
                    "Amount": 100,
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
                }
            ],
        }
    )
    return Wanted(
        outbox_id=unit,
        system=SYSTEM,
        entity=realm_id,
        object="Invoice",
        operation="create",
        key=f"salesforce:{unit}:-",
        marker=marker,
        generation=1,
        payload=payload,
        payload_hash=sha256(payload.encode()).hexdigest(),
        reason="won and approved",
        evaluated_at=READ_AT,
    )


class _Unlocked(Ledger):
    """Two deliver at once, as if the lock had been lost."""

    @contextmanager
    def delivering(self, target_system: str, entity: str, *, wait_seconds: float) -> Iterator[None]:
        yield


def delivered(order: Order, when_ready: Callable[[], None] = lambda: None) -> Report:
    """``when_ready`` is called before the first change."""
    settings = order.settings
    access = QuickBooksAccess(
        base_url=settings["QBO_BASE_URL"],
        token_url=settings["QBO_TOKEN_URL"],
        realm=settings["QBO_REALM_ID"],
        client_id=settings["QBO_CLIENT_ID"],
        client_secret=settings["QBO_CLIENT_SECRET"],
        refresh_token=settings["QBO_REFRESH_TOKEN"],
    )
    pacer = Pacer(per_second=1000, per_minute=60_000, in_flight=8)
    kind = Ledger if order.is_locked else _Unlocked
    with (
        kind(order.ledger_url, actor="test", run_id="test") as ledger,
        QuickBooksClient(access, TokenStore(Path(order.tokens)), pacer=pacer) as client,
    ):
        open_ledger(ledger, SYSTEM, access.realm, None)
        target = QuickBooksTarget(client)
        target.batch_items_max = order.batch_items_max
        when_ready()
        return deliver(
            ledger,
            target,
            [wanted(access.realm, unit) for unit in order.units],
            target_system=SYSTEM,
            entity=access.realm,
            recheck=lambda wishes: {},
            stop=lambda: None,
            tell=lambda text: None,
            books=Books(READ_AT, []),
            mode="draft",
        )


def _say_and_wait() -> None:
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    with suppress(StaleRecord):
        delivered(msgspec.json.decode(sys.argv[1], type=Order), _say_and_wait)
