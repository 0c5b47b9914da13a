"""The Dagster UI on a home, asked as its own pages ask it."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx

from tests.pipeline.conftest import Q2C, q2c_environment

SECONDS_MAX = 180
POLL_SECONDS = 0.5


class DagsterUi:
    """``q2c dev`` as a person starts it, until ``stop``."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.port = _free_port()
        self._told = home / "told by the UI.txt"
        with self._told.open("w") as told:
            self._process = subprocess.Popen(
                [Q2C, "dev", "--port", str(self.port)],
                env=q2c_environment(home, **variables),
                stderr=told,
            )

    def ask(self, query: str, **variables: str) -> dict[str, Any]:
        """The data of an answer, once the page answers."""
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            assert self._process.poll() is None
            try:
                answer = httpx.post(
                    f"http://127.0.0.1:{self.port}/graphql",
                    json={"query": query, "variables": variables},
                    timeout=SECONDS_MAX,
                )
            except httpx.TransportError:
                time.sleep(POLL_SECONDS)
                continue
            data: dict[str, Any] = answer.json()["data"]
            return data
        raise AssertionError("the UI did not answer")

    def stop(self) -> str:
        """Ends it as Ctrl-C does, and gives what it had told."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(timeout=SECONDS_MAX) == 0
        return self._told.read_text()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
