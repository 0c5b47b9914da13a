"""Real processes that refresh against a served sandbox and are killed before the answer is kept.

The children are the product's own credentials and store; what they add is the moment of their
death. A SIGKILL is the kernel's; it leaves what was written so far, and no chance to tidy up.
"""

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import record, write_company

CRASHES_WHOLE = 100
CRASHES_SAMPLE = 6
ROUNDS_WHOLE = 200
ROUNDS_SAMPLE = 20
CHILD_SECONDS_MAX = 60
HOUR = 3600

REFRESH = """
import json, sys
from datetime import datetime
from pathlib import Path
import httpx
from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess, QuickBooksCredentials

access = QuickBooksAccess(**json.loads(sys.argv[1]))
store, transport = TokenStore(Path(sys.argv[2])), None
{death}
for line in sys.stdin:
    now = datetime.fromisoformat(line.strip())
    ours = QuickBooksCredentials(access, store, now=lambda: now, transport=transport)
    try:
        print(json.dumps([ours.token(), ours.calls]), flush=True)
    except Q2CError as error:
        print(json.dumps([str(error), -1]), flush=True)
    ours.close()
"""
DIE = """
import os, signal
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""
ON_ANSWER = """
class Cut(httpx.HTTPTransport):
    def handle_request(self, request):
        response = super().handle_request(request)
        response.read()
        {act}
        return response
transport = Cut()
"""
DEATHS = {
    "when the answer is there": DIE + ON_ANSWER.format(act="die()"),
    "when it is to be written": DIE + "store.write = die",
    "with half of it written": ON_ANSWER.format(
        act="signal.signal(signal.SIGXFSZ, signal.SIG_DFL);"
        " resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99))"
    )
    + "import resource, signal",
    "with it written but not safe on disk": DIE + ON_ANSWER.format(act="os.fsync = die"),
    "before it takes the chain's name": DIE + "os.replace = die",
    "after it took the chain's name": DIE
    + "replace = os.replace\nos.replace = lambda *names: (replace(*names), die())",
}


class Told(NamedTuple):
    """The token that a child got and how often it asked; -1 and the reason if it got none."""

    token: str
    calls: int


def asked_to(child: "subprocess.Popen[str]", now: datetime) -> None:
    assert child.stdin is not None
    child.stdin.write(f"{now.isoformat()}\n")
    child.stdin.flush()


def told_by(child: "subprocess.Popen[str]") -> Told:
    assert child.stdout is not None
    return Told(*json.loads(child.stdout.readline()))


@pytest.fixture
def sandbox(serve: Serve, tmp_path: Path) -> ServedSandbox:
    customers = [record("1", DisplayName="Brakken Verft")]
    return serve(write_company(tmp_path / "company", {"quickbooks/Customer": customers}))


class Connection:
    """One grant in one home, and the children that use it."""

    def __init__(self, sandbox: ServedSandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        settings = sandbox.settings
        self._access = json.dumps(
            {
                "base_url": settings["QBO_BASE_URL"],
                "token_url": settings["QBO_TOKEN_URL"],
                "realm": settings["QBO_REALM_ID"],
                "client_id": settings["QBO_CLIENT_ID"],
                "client_secret": settings["QBO_CLIENT_SECRET"],
                "refresh_token": settings["QBO_REFRESH_TOKEN"],
            }
        )

    def now(self) -> datetime:
        return datetime.fromisoformat(
            self.sandbox.get("/_sandbox/health").json()["clock"]
        ).astimezone(UTC)

    def child(self, death: str = "") -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", REFRESH.format(death=death), self._access, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def refresh(self, death: str = "") -> tuple[int, list[Told]]:
        """The exit status of a child that refreshes once, and what it told."""
        child = self.child(death)
        said, _ = child.communicate(f"{self.now().isoformat()}\n", timeout=CHILD_SECONDS_MAX)
        return child.returncode, [Told(*json.loads(line)) for line in said.splitlines()]

    def token(self) -> str:
        """What the next process gets; it must open the books."""
        status, [told] = self.refresh()
        assert (status, told.calls >= 0) == (0, True), told
        assert self.opens_the_books(told.token)
        return told.token

    def opens_the_books(self, token: str) -> bool:
        answer = self.sandbox.get(
            f"/v3/company/{self.sandbox.settings['QBO_REALM_ID']}/query",
            params={"query": "SELECT * FROM Customer"},
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code == 200

    def kept(self) -> dict[str, str]:
        [file] = self.folder.glob("*.json")
        return dict(json.loads(file.read_text()))


@pytest.fixture
def connection(sandbox: ServedSandbox, tmp_path: Path) -> Connection:
    return Connection(sandbox, tmp_path / "tokens")


@pytest.mark.prove
def test_after_a_crash_at_any_moment_the_next_process_gets_a_token(
    connection: Connection, is_whole_proof: bool
) -> None:
    connection.token()
    crashes = CRASHES_WHOLE if is_whole_proof else CRASHES_SAMPLE
    hours_until_back = cycle((0, 0.5, 6, 12, 23.5))
    rotations = 0
    for moment, death in islice(cycle(DEATHS.items()), crashes):
        connection.sandbox.advance(25 * HOUR)
        before = connection.kept()["refresh_token"]

        status, told = connection.refresh(death)
        assert status in (-signal.SIGKILL, -signal.SIGXFSZ), moment
        assert told == [], moment
        connection.sandbox.advance(next(hours_until_back) * HOUR)
        connection.token()

        rotations += connection.kept()["refresh_token"] != before
        assert list(connection.folder.glob("*.new")) == [], moment
    assert rotations == crashes


@pytest.mark.parametrize("moment", [*DEATHS][3:])
def test_an_answer_that_was_written_whole_outlives_any_grace(
    connection: Connection, moment: str
) -> None:
    connection.token()
    connection.sandbox.advance(25 * HOUR)
    connection.refresh(DEATHS[moment])
    connection.sandbox.advance(50 * 24 * HOUR)

    connection.token()


def test_a_token_lost_for_longer_than_its_grace_is_told_with_its_moment(
    connection: Connection,
) -> None:
    connection.token()
    connection.sandbox.advance(25 * HOUR)
    lost_at = connection.now()
    connection.refresh(DEATHS["when the answer is there"])
    connection.sandbox.advance(30 * HOUR)

    _, [told] = connection.refresh()

    assert told.calls == -1
    for part in ("QBO_REFRESH_TOKEN", f"{lost_at:%Y-%m-%d %H:%M} UTC", "24 hours"):
        assert part in told.token


@pytest.mark.prove
def test_processes_that_refresh_at_once_share_one_answer(
    connection: Connection, is_whole_proof: bool
) -> None:
    rounds = ROUNDS_WHOLE if is_whole_proof else ROUNDS_SAMPLE
    connection.token()
    with ExitStack() as stack:
        children = [stack.enter_context(connection.child()) for _ in range(2)]
        for number in range(rounds):
            connection.sandbox.advance(2 * HOUR)
            now = connection.now()
            for child in children:
                asked_to(child, now)
            told = [told_by(child) for child in children]

            assert told[0].token == told[1].token == connection.kept()["access_token"], number
            assert sum(one.calls for one in told) == 1, number
            assert connection.opens_the_books(told[0].token), number
