"""A served sandbox for contract tests: started as a process, as a person would start it.

Belongs here: starting, stopping, restarting. Does not belong here: what a test expects.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10
REQUEST_SECONDS_MAX = 30
SERVE = """
import sys
from pathlib import Path
from q2c_pipeline.sandbox.server import serve
company, env_file, state = sys.argv[1:]
serve(
    Path(company),
    env_file=Path(env_file),
    state=Path(state) if state else None,
    stop_with_parent=True,
)
"""


@dataclass
class ServedSandbox:
    """A running sandbox and the settings that it gave its client."""

    company: Path
    env_file: Path
    state: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    client: httpx.Client = field(
        default_factory=lambda: httpx.Client(verify=False, timeout=REQUEST_SECONDS_MAX)
    )

    @property
    def url(self) -> str:
        return self.settings["QBO_BASE_URL"]

    def start(self) -> None:
        self.env_file.unlink(missing_ok=True)
        arguments = [str(self.company), str(self.env_file), str(self.state or "")]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, *arguments], stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.env_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the sandbox did not start: {self.process.communicate()[1]}")
            time.sleep(0.02)
        lines = self.env_file.read_text(encoding="utf-8").splitlines()
        self.settings = dict(line.split("=", 1) for line in lines)

    def stop(self) -> int:
        """End the sandbox in good order; its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self._ended()

    def restart(self) -> None:
        if self.process is not None:
            self.stop()
        self.start()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(self.url + path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(self.url + path, **options)

    def advance(self, seconds: float) -> None:
        answer = self.post("/_sandbox/clock", json={"advance_seconds": seconds})
        assert answer.status_code == 200, answer.text

    def _ended(self) -> int:
        assert self.process is not None
        process, self.process = self.process, None
        _, complaints = process.communicate(timeout=STOP_SECONDS_MAX)
        assert "Traceback" not in complaints, complaints
        return process.returncode


Serve = Callable[..., ServedSandbox]


@contextmanager
def _serving(folder: Path) -> Iterator[Serve]:
    started: list[ServedSandbox] = []

    def start(company: Path, state: Path | None = None) -> ServedSandbox:
        sandbox = ServedSandbox(company, folder / f"sandbox-{len(started)}.env", state)
        started.append(sandbox)
        sandbox.start()
        return sandbox

    try:
        yield start
    finally:
        for sandbox in started:
            sandbox.client.close()
            if sandbox.process is not None:
                sandbox.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a sandbox on a company folder, optionally with a state file; it ends with the test."""
    with _serving(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def serve_for_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """The same, for tests of a module that share one company."""
    with _serving(tmp_path_factory.mktemp("served")) as start:
        yield start
