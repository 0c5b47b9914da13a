"""Notices that approved deals wait to be billed, and starts the job that delivers them.

Belongs here: the decision, a pure function, and what it is told. Does not belong here: what is
billable, which is SQL, and the guard against billing twice, which is the ledger.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

import dagster as dg
import msgspec

from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.home import Home
from q2c_pipeline.defs.billing.pending import pending_deliveries
from q2c_pipeline.settings import Settings

JOB = "billing"
TICK_SECONDS = 60
RETRY_AFTER = timedelta(hours=1)
"""What failed is not tried sooner, for a person has to look first; what is new starts at once."""
RUNS_LOOKED_AT = 20
UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


class Outcome(StrEnum):
    """What became of the run that was started last."""

    NONE = "none"
    UNDER_WAY = "under_way"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Memory(NamedTuple):
    """What the sensor remembers: what it started last, when, and how many runs it ever started."""

    started_for: str = ""
    started_at: datetime | None = None
    runs_started: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        if not cursor:
            return cls()
        return cls(*msgspec.json.decode(cursor, type=tuple[str, datetime | None, int]))

    def text(self) -> str:
        return msgspec.json.encode(tuple(self)).decode()


class Decision(NamedTuple):
    """Start a run under this key, or say why not; and what to remember."""

    run_key: str | None
    told: str
    memory: Memory


def decide(pending: Collection[str], outcome: Outcome, memory: Memory, now: datetime) -> Decision:
    """``pending`` are ids of outbox rows that are not delivered yet."""
    if not pending:
        return Decision(None, "Nothing waits to be delivered.", memory)
    if outcome is Outcome.UNDER_WAY:
        return Decision(None, f"{len(pending)} wait; a billing run is under way.", memory)
    fingerprint = _fingerprint(pending)
    is_known = fingerprint == memory.started_for
    if is_known and memory.started_at is not None and now < memory.started_at + RETRY_AFTER:
        how = "failed" if outcome is Outcome.FAILED else "did not settle them"
        return Decision(
            None,
            f"{len(pending)} wait; the last run {how}. Tried again after"
            f" {memory.started_at + RETRY_AFTER:%H:%M} UTC, or at once by a person.",
            memory,
        )
    # A key is remembered for ever, even of a run that failed, so none is used twice.
    started = Memory(fingerprint, now, memory.runs_started + 1)
    run_key = f"{fingerprint[:16]}-{started.runs_started}"
    return Decision(run_key, f"{len(pending)} wait to be delivered.", started)


def outcome_of(statuses: Sequence[dg.DagsterRunStatus]) -> Outcome:
    """Of the job's runs, the newest first; one that is unfinished counts, whichever it is."""
    if any(status in UNFINISHED for status in statuses):
        return Outcome.UNDER_WAY
    if not statuses:
        return Outcome.NONE
    return Outcome.SUCCEEDED if statuses[0] is dg.DagsterRunStatus.SUCCESS else Outcome.FAILED


@dg.sensor(
    job_name=JOB,
    minimum_interval_seconds=TICK_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts `billing` when approved deals, or changes for the CRM, wait to be written."
    " Off until somebody switches it on; Q2C_MODE says how far it may go.",
)
def approved_billable_deals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    settings = Settings.read()
    home = Home(settings.home_folder)
    if not settings.mode.writes:
        return _skip(f"Q2C_MODE is {settings.mode}: nothing is written.", context.cursor)
    if settings.as_of_date is not None:
        return _skip("Q2C_AS_OF keeps the marts at one day: nothing is written.", context.cursor)
    if home.writing_stopped.exists():
        return _skip("Writing is stopped; `q2c writing resume` lets it go on.", context.cursor)
    try:
        pending = pending_deliveries(home, settings.mode)
    except Q2CError as error:
        return _skip(f"What waits could not be read: {error}", context.cursor)
    runs = context.instance.get_runs(dg.RunsFilter(job_name=JOB), limit=RUNS_LOOKED_AT)
    decision = decide(
        pending,
        outcome_of([run.status for run in runs]),
        Memory.read(context.cursor),
        datetime.now(UTC),
    )
    if decision.run_key is None:
        return _skip(decision.told, context.cursor)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=decision.run_key)], cursor=decision.memory.text()
    )


def _skip(reason: str, cursor: str | None) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=reason, cursor=cursor)


def _fingerprint(pending: Collection[str]) -> str:
    return hashlib.sha256("\n".join(sorted(pending)).encode()).hexdigest()
