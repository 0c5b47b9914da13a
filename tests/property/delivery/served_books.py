"""QuickBooks over HTTP on the loopback: one server, and fresh books for each simulation.

Belongs here: the books as a simulation sees them. Does not belong here: what it does with them.
"""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.accounting.quickbooks.writeback import QuickBooksMail, QuickBooksTarget
from q2c_pipeline.ledger.target import Written
from q2c_pipeline.sandbox.clock import SandboxClock
from q2c_pipeline.sandbox.company import ClientCredentials, Sandbox
from q2c_pipeline.sandbox.folder import load_company, read_company
from q2c_pipeline.sandbox.quickbooks.entities import find_entity
from q2c_pipeline.sandbox.quickbooks.oauth import authorise
from q2c_pipeline.sandbox.quickbooks.realms import Realms
from q2c_pipeline.sandbox.quickbooks.routes import routes
from q2c_pipeline.sandbox.quickbooks.writing.operations import write_record
from q2c_pipeline.sandbox.store import Store
from tests.property.delivery.bad_network import BadNetwork
from tests.property.delivery.chaos import START, Chaos, Clock
from tests.property.delivery.simulation import Unit

START_SECONDS_MAX = 10
WORLD_HEADER = "X-World"
CREDENTIALS = ClientCredentials("sandbox-quickbooks", "the secret")
LISTS: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {
            "Id": "84",
            "Name": "Accounts Receivable (A/R)",
            "AccountType": "Accounts Receivable",
            "CurrencyRef": {"value": "USD"},
            "Active": True,
        },
        {"Id": "79", "Name": "Sales", "AccountType": "Income", "Active": True},
    ],
    "Customer": [{"Id": "1", "DisplayName": "Brakken Ltd", "Active": True}],
}
_WORLDS: dict[str, Starlette] = {}


def write_books(folder: Path) -> Path:
    """The company folder from which all simulations start."""
    (folder / "quickbooks").mkdir(parents=True)
    (folder / "company.json").write_text(json.dumps({"clock": START.isoformat()}))
    for name, records in LISTS.items():
        (folder / "quickbooks" / f"{name}.json").write_text(json.dumps(records))
    return folder


class ServedBooks:
    """One realm, its clock the simulation's."""

    def __init__(self, company: Path, clock: Clock, chaos: Chaos, tokens: Path) -> None:
        known = read_company(company, now=clock.now())
        store = Store()
        load_company(known, store)
        self._clock = clock
        began = clock.now()
        self.sandbox = Sandbox(
            store=store,
            clock=SandboxClock(
                began, monotonic_seconds=lambda: (clock.now() - began).total_seconds()
            ),
            company=known,
            credentials={"quickbooks": CREDENTIALS},
        )
        (self.realm_id,) = known.realm_ids
        self.name = uuid.uuid4().hex
        _WORLDS[self.name] = Starlette(routes=routes(self.sandbox))
        self.network = BadNetwork(clock, chaos, {WORLD_HEADER: self.name})
        self._random = Random(0)
        self.client = self._signed_in(tokens)

    def close(self) -> None:
        self.client.__exit__()
        self.network.close()
        del _WORLDS[self.name]
        self.sandbox.store.close()

    def target(self) -> QuickBooksTarget:
        return QuickBooksTarget(self.client)

    def mail(self) -> QuickBooksMail:
        return QuickBooksMail(self.client)

    def records(self) -> list[Written]:
        self.network.work()
        found = (
            self._written(stored.object, stored.record_id or "", stored.payload, stored.is_deleted)
            for stored in self.sandbox.store.records(
                "quickbooks", self.realm_id, ["Customer", "Invoice"], include_deleted=True
            )
        )
        return [record for record in found if record is not None]

    def ended_at(self, record: Written) -> datetime:
        stored = self.sandbox.store.get(
            "quickbooks", self.realm_id, record.object, record.remote_id
        )
        assert stored is not None
        return stored.updated_at

    def end(self, record: Written, how: str) -> None:
        entity = find_entity(record.object)
        assert entity is not None
        with self.sandbox.changes():
            realm = Realms(self.sandbox).open(self.realm_id)
            token = (realm.get(entity.name, record.remote_id) or {})["SyncToken"]
            body = {"Id": record.remote_id, "SyncToken": token}
            write_record(realm, entity, body, {"operation": how})

    def refuse(self, unit: str, is_refused: bool) -> None:
        """Its item is made inactive, so that QuickBooks refuses what names it."""
        item = {
            "Id": item_of(unit),
            "Name": f"Item of {item_of(unit)}",
            "Type": "Service",
            "Active": not is_refused,
            "IncomeAccountRef": {"value": "79"},
            "SyncToken": "0",
        }
        self.sandbox.store.put(
            "quickbooks",
            self.realm_id,
            "Item",
            item["Id"],
            json.dumps(item),
            self._clock.now(),
        )

    def fail(self, share: float) -> None:
        self.network.share = share

    def settle(self) -> None:
        self._clock.sleep(1_000)
        self.network.work()

    def _written(
        self, object: str, record_id: str, payload: str, is_deleted: bool
    ) -> Written | None:
        last = self.sandbox.store.last_living("quickbooks", self.realm_id, object, record_id)
        record = json.loads((last or payload) if is_deleted else payload, parse_float=Decimal)
        note = str(record.get("PrivateNote") or record.get("Notes") or "").partition("\n")[0]
        marker = note.removeprefix("Voided - ")
        if not marker.startswith("q2c:"):
            return None
        *names, generation = marker.split(":")[2:]
        return Written(
            object,
            names[1] if names[0] == "customer" else ":".join(names),
            int(generation),
            marker,
            record_id,
            record.get("SyncToken"),
            record.get("DocNumber"),
            record.get("TotalAmt"),
            not is_deleted and note == marker,
        )

    def _signed_in(self, tokens: Path) -> QuickBooksClient:
        with self.sandbox.changes():
            refresh_token = authorise(self.sandbox, self.realm_id)
        url = f"http://127.0.0.1:{_port()}"
        access = QuickBooksAccess(
            base_url=url,
            token_url=f"{url}/oauth2/v1/tokens/bearer",
            realm=self.realm_id,
            client_id=CREDENTIALS.client_id,
            client_secret=CREDENTIALS.client_secret,
            refresh_token=refresh_token,
        )

        def seconds() -> float:
            return (self._clock.now() - START).total_seconds()

        pacing: dict[str, Any] = {"clock": seconds, "sleep": self._clock.sleep}
        return QuickBooksClient(
            access,
            TokenStore(tokens),
            now=self._clock.now,
            retry=RetryPolicy(jitter=self._random.random, **pacing),
            pacer=Pacer(per_second=1e6, per_minute=60_000, in_flight=8, **pacing),
            transport=self.network,
        )


def item_of(unit: str) -> str:
    return f"9{sum(unit.encode())}"


def payload(unit: Unit, marker: str, customer: str | None) -> dict[str, object]:
    amount = 100 + unit.version
    return {
        "CustomerRef": {"value": customer or "1"},
        "TxnDate": "2026-07-01",
        "PrivateNote": f"{marker}\nMade up",
        "BillEmail": {"Address": "ap@brakken.example"},
        "Line": [
            {
                "Amount": amount,
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": item_of(unit.key)},
                    "Qty": 1,
                    "UnitPrice": amount,
                },
            }
        ],
    }


def customer_payload(key: str, marker: str) -> dict[str, object]:
    return {"DisplayName": f"Customer {key}", "Notes": f"{marker}\nMade up"}


@contextmanager
def served_books(company: Path, clock: Clock, chaos: Chaos, tokens: Path) -> Iterator[ServedBooks]:
    books = ServedBooks(company, clock, chaos, tokens)
    try:
        yield books
    finally:
        books.close()


async def _chosen_world(scope: Scope, receive: Receive, send: Send) -> None:
    await _WORLDS[Headers(scope=scope)[WORLD_HEADER]](scope, receive, send)


@cache
def _port() -> int:
    """The port of the one server of all books, since starting one takes its time."""
    server = uvicorn.Server(
        uvicorn.Config(_chosen_world, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    threading.Thread(target=server.run, daemon=True).start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])
