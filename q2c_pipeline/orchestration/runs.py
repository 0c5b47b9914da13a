"""Settling what a killed run left behind.

Belongs here: finding runs whose process is gone, failing them, giving back their pool slots.
Does not belong here: starting runs.
A step that is killed inside a pool keeps its slot, and the next run would wait for it for ever.
"""

import time
from datetime import UTC, datetime

import dagster as dg
import psutil
from dagster import DagsterEventType, DagsterRun, DagsterRunStatus, RunsFilter

PID_TAG = "q2c/pid"
UNFINISHED = (
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
)
NEVER_LAUNCHED_AFTER_SECONDS = 300
START_TOLERANCE_SECONDS = 5


def settle_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fail every run whose process is gone and free its slots; ids of the runs settled.

    Runs of living processes are left alone, whoever started them.
    """
    settled = []
    for run in instance.get_runs(RunsFilter(statuses=list(UNFINISHED))):
        if _is_alive(instance, run):
            continue
        instance.report_run_failed(
            run, "The process of this run ended before the run did; it was settled by a later one."
        )
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        settled.append(run.run_id)
    return settled


def _is_alive(instance: dg.DagsterInstance, run: DagsterRun) -> bool:
    record = instance.get_run_record_by_id(run.run_id)
    created_at = record.create_timestamp.timestamp() if record else time.time()
    pids = _pids(instance, run)
    if not pids:
        return time.time() - created_at < NEVER_LAUNCHED_AFTER_SECONDS
    return any(_is_running_since(pid, started_at) for pid, started_at in pids)


def _pids(instance: dg.DagsterInstance, run: DagsterRun) -> list[tuple[int, datetime]]:
    """Processes that worked on the run, each with a moment at which it was alive."""
    record = instance.get_run_record_by_id(run.run_id)
    found = []
    if record and PID_TAG in run.tags:
        found.append((int(run.tags[PID_TAG]), record.create_timestamp.replace(tzinfo=UTC)))
    for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT):
        pid = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if pid is not None:
            found.append((int(str(pid.value)), datetime.fromtimestamp(entry.timestamp, tz=UTC)))
    return found


def _is_running_since(pid: int, seen_alive_at: datetime) -> bool:
    """Whether the process of that moment still runs; a later one may have taken its number."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return bool(process.create_time() <= seen_alive_at.timestamp() + START_TOLERANCE_SECONDS)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
