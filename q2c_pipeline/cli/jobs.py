"""A job of Dagster's, start to end in this process, and its failures in plain words.

Belongs here: executing and telling. Does not belong here: which systems are read, or options.
"""

import os
from typing import Any, NamedTuple

import dagster as dg

from q2c_pipeline.core import errors
from q2c_pipeline.core.home import Home, disk_full_message, is_disk_full
from q2c_pipeline.core.redaction import redact
from q2c_pipeline.core.terminal import everything_else_in_the_log, say
from q2c_pipeline.orchestration.ingest import RecordCounts, counts_of_run
from q2c_pipeline.orchestration.runs import PID_TAG, settle_dead_runs


class FinishedRun(NamedTuple):
    """A run that succeeded, and what it did to the raw tables."""

    run_id: str
    records: list[RecordCounts]


def run_job(home: Home, name: str) -> FinishedRun:
    """Execute a job in this process, after settling what dead runs left.

    Raises Q2CError with the sentences of the steps that failed.
    """
    from q2c_pipeline.definitions import defs

    with everything_else_in_the_log(home.log), dg.DagsterInstance.get() as instance:
        settle(instance)
        job = defs.resolve_job_def(name)
        result = job.execute_in_process(
            instance=instance, tags={PID_TAG: str(os.getpid())}, raise_on_error=False
        )
        if not result.success:
            raise errors.Q2CError(_story(home, instance, result.run_id))
        return FinishedRun(result.run_id, counts_of_run(instance, result.run_id))


def settle(instance: dg.DagsterInstance) -> None:
    """Free what killed runs left held, and say so; the next run would wait for it for ever."""
    for settled in settle_dead_runs(instance):
        say(f"An earlier run ({settled[:8]}) had been killed; what it held is free again.")


def _story(home: Home, instance: dg.DagsterInstance, run_id: str) -> str:
    """What went wrong, one sentence a step; the log has the stack traces."""
    sentences = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.get_dagster_event()
        sentences.append(_sentence(home, event.step_key or "", event.step_failure_data.error))
    return "\n".join(sentences) or f"The run {run_id[:8]} failed; the log says why: {home.log}"


def _sentence(home: Home, step: str, error: Any) -> str:
    """The message of the first error of ours in the chain of what was raised."""
    known = {
        cls.__name__
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.Q2CError)
    }
    while error is not None:
        text = str(error.message).strip()
        if error.cls_name in known:
            return text.split(": ", 1)[-1]
        if is_disk_full(text):
            return disk_full_message(home.folder)
        if error.cause is None:
            break
        error = error.cause
    reason = redact(error.message.strip().splitlines()[0]) if error else "no reason was given"
    return (
        f"{step} stopped for a reason nobody foresaw ({reason}). What was published before is as"
        f" it was. The log has the whole story: {home.log}"
    )
