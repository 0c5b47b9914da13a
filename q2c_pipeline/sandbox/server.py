"""The sandbox as a process: one port on 127.0.0.1 that plays all vendors of one company.

Belongs here: starting, announcing, telling the time, stopping. Does not belong here: what a vendor
answers, which its ``routes`` know.
"""

import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import FrameType

import uvicorn
from filelock import FileLock, Timeout
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox import control
from q2c_pipeline.sandbox.clock import SandboxClock
from q2c_pipeline.sandbox.company import CLOCK_SETTING, ClientCredentials, Company, Sandbox
from q2c_pipeline.sandbox.connections import BreakableConnection
from q2c_pipeline.sandbox.faults import FaultLayer, Faults
from q2c_pipeline.sandbox.folder import load_company, read_company
from q2c_pipeline.sandbox.quickbooks.routes import routes as quickbooks_routes
from q2c_pipeline.sandbox.salesforce.routes import routes as salesforce_routes
from q2c_pipeline.sandbox.settings import announce, client_settings
from q2c_pipeline.sandbox.store import Store
from q2c_pipeline.sandbox.throttle import Throttle, ThrottleLayer

HOST = "127.0.0.1"
COMPANY_SETTING = "company"
PARENT_POLL_SECONDS = 0.2
SHUTDOWN_SECONDS_MAX = 5


def serve(
    company: Path,
    *,
    port: int = 0,
    env_file: Path | None = None,
    state: Path | None = None,
    stop_with_parent: bool = False,
) -> None:
    """Serve a company folder until the process is told to stop; port 0 takes any free one.

    Once the port answers, a client's settings are written to ``env_file`` (0600) or printed. With
    ``state`` the company lives on in that file from one start to the next.

    Raises ``ConfigurationError`` for a folder, port or state file that cannot be served.
    """
    if stop_with_parent:
        _stop_with_parent(os.getppid())
    previous_handler = signal.signal(signal.SIGTERM, _exit_quietly)
    try:
        with _listening(port) as listener, _opened(company, state) as sandbox:
            base_url = f"http://{HOST}:{listener.getsockname()[1]}"
            settings = client_settings(sandbox, base_url)
            _Server(sandbox, lambda: announce(settings, env_file)).run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous_handler)


class _Server(uvicorn.Server):
    """Announces the settings once the port answers, and not before."""

    def __init__(self, sandbox: Sandbox, announce_settings: Callable[[], None]) -> None:
        faults, throttle = Faults(), Throttle()
        application = Starlette(
            routes=[
                *control.routes(sandbox, faults=faults, throttle=throttle, stop=self.stop),
                *quickbooks_routes(sandbox),
                *salesforce_routes(sandbox),
            ]
        )
        now = sandbox.clock.now
        limited = ThrottleLayer(FaultLayer(application, faults, now), throttle, now)
        super().__init__(
            uvicorn.Config(
                _DatedAnswers(limited, sandbox),
                http=BreakableConnection,
                log_level="warning",
                access_log=False,
                date_header=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
            )
        )
        self._announce_settings = announce_settings

    def stop(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        try:
            self._announce_settings()
        except ConfigurationError:
            await self.shutdown(sockets)
            raise


class _DatedAnswers:
    """Puts the sandbox's moment on every answer, remembered before it is told."""

    def __init__(self, application: ASGIApp, sandbox: Sandbox) -> None:
        self._application = application
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                moment = self._sandbox.remember_the_moment().astimezone(UTC)
                MutableHeaders(scope=message)["Date"] = format_datetime(moment, usegmt=True)
            await send(message)

        await self._application(scope, receive, send_dated)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} on {HOST} cannot be taken: {error.strerror}. Choose another port."
            ) from error
        yield listener


@contextmanager
def _opened(folder: Path, state: Path | None) -> Iterator[Sandbox]:
    company = read_company(folder, now=datetime.now(UTC))
    with _held(state):
        store = _stored(state)
        try:
            with store.transaction():
                _enter(company, store)
            kept_clock = store.setting(CLOCK_SETTING)
            yield Sandbox(
                store=store,
                clock=SandboxClock(
                    datetime.fromisoformat(kept_clock) if kept_clock else company.clock
                ),
                company=company,
                credentials=_credentials(store),
                is_kept=state is not None,
            )
        finally:
            store.close()


def _stored(state: Path | None) -> Store:
    try:
        return Store(state)
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(
            f"{state} is no state file of a sandbox: {error}. Name another one."
        ) from error


@contextmanager
def _held(state: Path | None) -> Iterator[None]:
    """Keep a second sandbox away from the state file."""
    if state is None:
        yield
        return
    lock = FileLock(f"{state}.lock", timeout=0)
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        state.touch(mode=0o600)
    except Timeout as error:
        raise ConfigurationError(
            f"Another sandbox serves {state}. Stop it, or name another state file."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"The state file {state} cannot be written: {error.strerror}. Name another one."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _enter(company: Company, store: Store) -> None:
    """Load the company unless the store already holds it."""
    identity = f"{company.organisation_id} {' '.join(company.realm_ids)}"
    held = store.setting(COMPANY_SETTING)
    if held is None:
        load_company(company, store)
        store.set_setting(COMPANY_SETTING, identity)
    elif held != identity:
        raise ConfigurationError(
            f"The state file holds another company than {company.folder}. Name another state file."
        )


def _credentials(store: Store) -> dict[str, ClientCredentials]:
    """The client ids and secrets, made up at the first start and kept with the state."""
    credentials = {}
    with store.transaction():
        for system in ("quickbooks", "salesforce"):
            setting = f"client_secret/{system}"
            secret = store.setting(setting) or secrets.token_urlsafe(32)
            store.set_setting(setting, secret)
            credentials[system] = ClientCredentials(f"sandbox-{system}", secret)
    return credentials


def _stop_with_parent(parent: int) -> None:
    """End the process soon after its parent; whatever was answered is in the state file already."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _exit_quietly(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
