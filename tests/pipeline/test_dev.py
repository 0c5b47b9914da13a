"""The Dagster UI opens on a home that was killed in the middle of a run, and ends as it is told."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.pipeline.conftest import Q2C, q2c_environment
from tests.pipeline.dagster_ui import DagsterUi

ASSETS = "{ assetNodes { groupName } runsOrError { ... on Runs { results { status } } } }"


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

    ui = DagsterUi(home)
    try:
        shown = ui.ask(ASSETS)
    finally:
        told = ui.stop()

    assert "had been killed; what it held is free again" in told
    assert {"raw_quickbooks", "staging", "intermediate", "finance", "controls", "published"} <= {
        node["groupName"] for node in shown["assetNodes"]
    }
    assert [run["status"] for run in shown["runsOrError"]["results"]] == [
        "FAILURE",
        "SUCCESS",
    ]
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", ui.port)) != 0
