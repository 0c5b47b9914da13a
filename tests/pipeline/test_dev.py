"""The Dagster UI opens on a home that was killed in the middle of a run, and ends as it is told."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pipeline.conftest import Q2C, q2c_environment

SECONDS_MAX = 180
POLL_SECONDS = 0.5
ASSETS = "{ assetNodes { groupName } runsOrError { ... on Runs { results { status } } } }"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.prove
def test_the_ui_shows_every_group_and_settles_a_killed_run(
    home: Path, is_whole_proof: bool
) -> None:
    if not is_whole_proof:
        pytest.skip("three servers for one page: `make prove` has the time")
    environment = q2c_environment(home)
    with subprocess.Popen([Q2C, "run"], env=environment, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        while "Reading QuickBooks" not in run.stderr.readline():
            assert run.poll() is None
        run.kill()

    port = free_port()
    ui = subprocess.Popen(
        [Q2C, "dev", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        shown = asked(f"http://127.0.0.1:{port}/graphql", ui)
    finally:
        ui.send_signal(signal.SIGINT)
        _, told = ui.communicate(timeout=SECONDS_MAX)

    assert ui.returncode == 0
    assert "had been killed; what it held is free again" in told
    assert {"raw_quickbooks", "staging", "intermediate", "finance", "controls", "published"} <= {
        node["groupName"] for node in shown["assetNodes"]
    }
    assert [run["status"] for run in shown["runsOrError"]["results"]] == [
        "FAILURE",
        "SUCCESS",
    ]
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", port)) != 0


def asked(address: str, ui: "subprocess.Popen[str]") -> dict[str, Any]:
    """The answer of the UI's own interface once it gives one."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        assert ui.poll() is None
        try:
            answer = httpx.post(address, json={"query": ASSETS}, timeout=SECONDS_MAX)
        except httpx.TransportError:
            time.sleep(POLL_SECONDS)
            continue
        data: dict[str, Any] = answer.json()["data"]
        return data
    raise AssertionError("the UI did not answer")
