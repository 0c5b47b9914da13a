"""Billing runs, one after the other, until nothing waits to be delivered.

Belongs here: how often. Does not belong here: what waits, and how it is delivered.
An invoice's number reaches its deal once the invoice has been read back, so there is a second run.
"""

from typing import NamedTuple

from q2c_pipeline.cli.jobs import FinishedRun, run_job
from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.defs.billing.pending import pending_deliveries
from q2c_pipeline.orchestration.outbox import mode_of_run
from q2c_pipeline.settings import Settings

RUNS_MAX = 3


class Deliveries(NamedTuple):
    """Runs of the job ``billing``, and why the last one failed, if it did."""

    runs: list[FinishedRun]
    failure: Q2CError | None


def deliver_what_waits(home: Home) -> Deliveries:
    """Runs ``billing`` while something waits that the run before did not leave behind.

    Raises StorageError when what waits cannot be read.
    """
    runs: list[FinishedRun] = []
    mode = mode_of_run(home, Settings.read())
    if not mode.writes:
        return Deliveries(runs, None)
    if home.writing_stopped.exists():
        say("Writing is stopped, so nothing is delivered; `q2c writing resume` lets it go on.")
        return Deliveries(runs, None)
    before: frozenset[str] = frozenset()
    while (
        len(runs) < RUNS_MAX and (pending := pending_deliveries(home, mode)) and pending != before
    ):
        waiting = "1 record waits" if len(pending) == 1 else f"{len(pending):,} records wait"
        say(f"{waiting} to be written")
        try:
            runs.append(run_job(home, "billing"))
        except Q2CError as error:
            return Deliveries(runs, error)
        before = pending
    return Deliveries(runs, None)
