"""The decision of the billing sensor: a pure function of what waits and what became of it."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from q2c_pipeline.defs.billing.sensor import RETRY_AFTER, Memory, Outcome, decide, outcome_of

NOW = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)
WAITING = {"invoice of deal 1", "invoice of deal 2"}


def test_nothing_waiting_starts_nothing() -> None:
    decision = decide(set(), Outcome.NONE, Memory(), NOW)
    assert decision.run_key is None
    assert decision.memory == Memory()


def test_what_waits_starts_a_run_and_is_remembered() -> None:
    decision = decide(WAITING, Outcome.NONE, Memory(), NOW)
    assert decision.run_key is not None
    assert decision.memory.started_at == NOW
    assert Memory.read(decision.memory.text()) == decision.memory


def test_a_second_tick_while_the_run_is_under_way_starts_nothing() -> None:
    started = decide(WAITING, Outcome.NONE, Memory(), NOW).memory
    again = decide(WAITING | {"one more"}, Outcome.UNDER_WAY, started, NOW + timedelta(minutes=1))
    assert again.run_key is None
    assert "under way" in again.told


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SUCCEEDED, Outcome.NONE])
def test_what_a_run_left_waits_an_hour(outcome: Outcome) -> None:
    started = decide(WAITING, Outcome.NONE, Memory(), NOW).memory
    soon = decide(WAITING, outcome, started, NOW + RETRY_AFTER - timedelta(seconds=1))
    later = decide(WAITING, outcome, started, NOW + RETRY_AFTER)
    assert soon.run_key is None
    assert later.run_key is not None


def test_what_is_new_after_a_failure_starts_at_once() -> None:
    started = decide(WAITING, Outcome.NONE, Memory(), NOW).memory
    decision = decide(WAITING | {"one more"}, Outcome.FAILED, started, NOW + timedelta(minutes=1))
    assert decision.run_key is not None


def test_no_run_key_is_ever_used_twice() -> None:
    memory, keys = Memory(), set()
    for hour in range(5):
        decision = decide(WAITING, Outcome.FAILED, memory, NOW + hour * RETRY_AFTER)
        memory = decision.memory
        keys.add(decision.run_key)
    assert len(keys) == 5


def test_a_tick_whose_memory_was_lost_asks_under_the_same_key() -> None:
    """Dagster answers one key with one run, so a tick that is repeated starts no second one."""
    first = decide(WAITING, Outcome.NONE, Memory(), NOW)
    repeated = decide(WAITING, Outcome.NONE, Memory(), NOW + timedelta(minutes=1))
    assert first.run_key == repeated.run_key


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], Outcome.NONE),
        ([dg.DagsterRunStatus.SUCCESS], Outcome.SUCCEEDED),
        ([dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS], Outcome.FAILED),
        ([dg.DagsterRunStatus.CANCELED], Outcome.FAILED),
        ([dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.QUEUED], Outcome.UNDER_WAY),
        ([dg.DagsterRunStatus.STARTED], Outcome.UNDER_WAY),
    ],
)
def test_runs_say_what_became_of_them(
    statuses: list[dg.DagsterRunStatus], expected: Outcome
) -> None:
    assert outcome_of(statuses) is expected
