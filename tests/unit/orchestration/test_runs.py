"""A run whose process was killed gives back what it held; a living one keeps it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from q2c_pipeline.orchestration.runs import settle_dead_runs
from tests.conftest import PROJECT_ROOT

HOLDER = """
import os, sys, time
import dagster as dg
from q2c_pipeline.orchestration.runs import PID_TAG

@dg.asset(pool="warehouse")
def held():
    print("holding", flush=True)
    time.sleep(120)

job = dg.define_asset_job("hold", selection="*")
with dg.DagsterInstance.get() as instance:
    dg.Definitions(assets=[held], jobs=[job]).resolve_job_def("hold").execute_in_process(
        instance=instance, tags={PID_TAG: str(os.getpid())}
    )
"""


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    shutil.copyfile(PROJECT_ROOT / "dagster.yaml", tmp_path / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as instance:
        yield instance


@pytest.fixture
def holder(instance: dg.DagsterInstance) -> Iterator["subprocess.Popen[str]"]:
    """A process whose run sits in the pool."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def slots_taken(instance: dg.DagsterInstance) -> int:
    return instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count


def test_a_killed_run_is_failed_and_its_slot_is_free(
    instance: dg.DagsterInstance, holder: "subprocess.Popen[str]"
) -> None:
    assert slots_taken(instance) == 1
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    settled = settle_dead_runs(instance)

    assert [run.run_id for run in instance.get_runs()] == settled
    assert instance.get_runs()[0].status is DagsterRunStatus.FAILURE
    assert slots_taken(instance) == 0


def test_a_living_run_is_left_alone(
    instance: dg.DagsterInstance, holder: "subprocess.Popen[str]"
) -> None:
    assert settle_dead_runs(instance) == []
    assert instance.get_runs()[0].status is DagsterRunStatus.STARTED
    assert slots_taken(instance) == 1
