"""A small Salesforce organisation on a real port, with a clock that only moves when told.

Belongs here: starting it and speaking to it over HTTP. Does not belong here: expectations.
"""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from q2c_pipeline.sandbox.clock import SandboxClock
from q2c_pipeline.sandbox.company import ClientCredentials, Company, Sandbox
from q2c_pipeline.sandbox.salesforce.moments import parsed_moment
from q2c_pipeline.sandbox.salesforce.routes import routes
from q2c_pipeline.sandbox.store import Store

ORGANISATION_ID = "00D000000000001EAA"
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
VERSION_PATH = "/services/data/v66.0"
START_SECONDS_MAX = 10
WORLD_HEADER = "X-World"
CLIENT_ID, CLIENT_SECRET = "sandbox-salesforce", "the secret"


_WORLDS: dict[str, Starlette] = {}


@dataclass
class SalesforceWorld:
    """The sandbox from inside (``clock``, ``store``) and from outside (``http``)."""

    sandbox: Sandbox
    http: httpx.Client

    def load(self, object_name: str, records: Sequence[Mapping[str, Any] | str]) -> None:
        """Put records in as a company folder does; text is the exact JSON of one."""
        for record in records:
            payload = record if isinstance(record, str) else msgspec.json.encode(record).decode()
            facts = msgspec.json.decode(payload)
            stamp = parsed_moment(str(facts.get("SystemModstamp", ""))) or NOON
            self.sandbox.store.put(
                "salesforce",
                ORGANISATION_ID,
                object_name,
                facts.get("Id"),
                payload,
                stamp,
                is_deleted=facts.get("IsDeleted") is True,
            )

    def advance(self, **by: float) -> None:
        self.sandbox.clock.advance(timedelta(**by))

    def sign_in(self) -> dict[str, Any]:
        answer = self.http.post(
            "/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT_ID, CLIENT_SECRET),
        )
        token = answer.raise_for_status().json()
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"
        return dict(token)

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.http.request(method, VERSION_PATH + path, **request)

    def query(self, soql: str, *, everything: bool = False, **request: Any) -> dict[str, Any]:
        path = "/queryAll" if everything else "/query"
        answer = self.call("GET", path, params={"q": soql}, **request)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def column(self, soql: str, *, everything: bool = False) -> list[Any]:
        """The values of the first selected field."""
        rows = self.query(soql, everything=everything)["records"]
        return [next(value for name, value in row.items() if name != "attributes") for row in rows]

    def refusal(self, method: str, path: str, **request: Any) -> tuple[int, str, str]:
        """Status, code and message of a request that must be refused."""
        answer = self.call(method, path, **request)
        assert answer.is_error or answer.status_code == 300, answer.text
        (error,) = answer.json()
        return answer.status_code, error["errorCode"], error["message"]


@contextmanager
def salesforce_world(folder: Path = Path("no company folder")) -> Iterator[SalesforceWorld]:
    """``folder`` may hold a ``company.json`` with the organisation's rules."""
    numbers = count(1)
    store = Store()
    sandbox = Sandbox(
        store=store,
        clock=SandboxClock(NOON, monotonic_seconds=lambda: 0.0),
        company=Company(
            folder=folder,
            name="Small Company",
            clock=NOON,
            home_currency="USD",
            time_zone=ZoneInfo("UTC"),
            realm_ids=(),
            organisation_id=ORGANISATION_ID,
        ),
        credentials={"salesforce": ClientCredentials(CLIENT_ID, CLIENT_SECRET)},
        random_text=lambda: f"random{next(numbers)}",
    )
    name = uuid.uuid4().hex
    _WORLDS[name] = Starlette(routes=routes(sandbox))
    try:
        # Nothing here is encrypted, and loading certificates would take most of a test's time.
        with httpx.Client(
            base_url=f"http://127.0.0.1:{_port()}",
            headers={WORLD_HEADER: name},
            timeout=10,
            verify=False,
        ) as http:
            yield SalesforceWorld(sandbox, http)
    finally:
        del _WORLDS[name]
        store.close()


async def _chosen_world(scope: Scope, receive: Receive, send: Send) -> None:
    await _WORLDS[Headers(scope=scope)[WORLD_HEADER]](scope, receive, send)


@cache
def _port() -> int:
    """The port of the one server that all worlds share, since starting one takes its time."""
    server = uvicorn.Server(
        uvicorn.Config(_chosen_world, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS_MAX
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])
