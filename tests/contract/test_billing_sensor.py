"""The billing sensor tick by tick, on an instance of its own, over outboxes and a ledger."""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from q2c_pipeline.defs.billing.sensor import JOB, approved_billable_deals

PREVIEWS = """
create schema billing;
create table billing.previews (
    outbox_id varchar, system varchar, entity varchar, object varchar, operation varchar,
    billing_key varchar, marker varchar, generation integer, payload varchar, payload_hash varchar,
    reason varchar, evaluated_at timestamptz, content_fingerprint varchar,
    preconditions_hash varchar, depends_on varchar, remote_id varchar, evaluated varchar,
    total_amount decimal(18, 2)
)
"""
READ_AT = datetime(2026, 7, 2, 13, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))
    monkeypatch.setenv("Q2C_MODE", "draft")
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as marts:
        marts.execute(PREVIEWS)
    return tmp_path


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def publish_unit(home: Path, deal: str) -> None:
    """One more invoice waits in the published outbox."""
    with duckdb.connect(str(home / "marts.duckdb")) as marts:
        marts.execute(
            "insert into billing.previews values ($1, 'quickbooks', 'realm', 'Invoice', 'create',"
            " $1, $1, 1, '{}', $1, 'approved', $2, $1, $1, null, null, null, 10.00)",
            [deal, READ_AT],
        )


class Ticks:
    """The sensor as the daemon drives it: each tick goes on from the last one's cursor."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None

    def tick(self) -> dg.SensorResult:
        with dg.build_sensor_context(instance=self.instance, cursor=self.cursor) as context:
            result = approved_billable_deals(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        return result

    def run(self, status: dg.DagsterRunStatus) -> None:
        self.instance.add_run(dg.DagsterRun(job_name=JOB, run_id=str(uuid.uuid4()), status=status))


def requested(result: dg.SensorResult) -> int:
    return len(result.run_requests or [])


def test_nothing_new(home: Path, instance: dg.DagsterInstance) -> None:
    result = Ticks(instance).tick()
    assert requested(result) == 0
    assert "Nothing waits" in str(result.skip_reason)


def test_new_and_a_second_tick_while_it_runs(home: Path, instance: dg.DagsterInstance) -> None:
    publish_unit(home, "deal 1")
    ticks = Ticks(instance)
    first = ticks.tick()
    ticks.run(dg.DagsterRunStatus.STARTED)
    second = ticks.tick()
    assert requested(first) == 1
    assert requested(second) == 0
    assert "under way" in str(second.skip_reason)


def test_two_ticks_before_the_run_is_there_ask_for_it_once(
    home: Path, instance: dg.DagsterInstance
) -> None:
    publish_unit(home, "deal 1")
    first, second = Ticks(instance).tick(), Ticks(instance).tick()
    assert first.run_requests is not None
    assert second.run_requests is not None
    assert first.run_requests[0].run_key == second.run_requests[0].run_key


def test_failed_waits_and_what_is_new_does_not(home: Path, instance: dg.DagsterInstance) -> None:
    publish_unit(home, "deal 1")
    ticks = Ticks(instance)
    first = ticks.tick()
    ticks.run(dg.DagsterRunStatus.FAILURE)
    same = ticks.tick()
    publish_unit(home, "deal 2")
    more = ticks.tick()
    assert requested(same) == 0
    assert "failed" in str(same.skip_reason)
    assert requested(more) == 1
    assert first.run_requests is not None
    assert more.run_requests is not None
    assert first.run_requests[0].run_key != more.run_requests[0].run_key


def test_succeeded_and_the_next_deal(home: Path, instance: dg.DagsterInstance) -> None:
    publish_unit(home, "deal 1")
    ticks = Ticks(instance)
    ticks.tick()
    ticks.run(dg.DagsterRunStatus.SUCCESS)
    publish_unit(home, "deal 2")
    assert requested(ticks.tick()) == 1


def test_marts_that_cannot_be_read_are_not_nothing(
    home: Path, instance: dg.DagsterInstance
) -> None:
    (home / "marts.duckdb").write_bytes(b"no database")
    result = Ticks(instance).tick()
    assert requested(result) == 0
    assert "could not be read" in str(result.skip_reason)


@pytest.mark.parametrize("mode", ["off", "preview"])
def test_nothing_starts_unless_writing_is_on(
    home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    publish_unit(home, "deal 1")
    monkeypatch.setenv("Q2C_MODE", mode)
    result = Ticks(instance).tick()
    assert requested(result) == 0
    assert mode in str(result.skip_reason)


def test_nothing_starts_while_the_marts_are_for_another_day(
    home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Q2C_AS_OF", "2026-01-31")
    publish_unit(home, "deal 1")
    result = Ticks(instance).tick()
    assert requested(result) == 0
    assert "Q2C_AS_OF" in str(result.skip_reason)


def test_nothing_starts_while_writing_is_stopped(home: Path, instance: dg.DagsterInstance) -> None:
    publish_unit(home, "deal 1")
    (home / "writing.stopped").write_text("now by me\n")
    assert requested(Ticks(instance).tick()) == 0
    os.unlink(home / "writing.stopped")
    assert requested(Ticks(instance).tick()) == 1
