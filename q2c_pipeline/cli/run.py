"""``q2c run``: everything once, start to end, in the foreground.

Belongs here: the order of things and the words about them. Does not belong here: the steps.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import dagster as dg
import typer

from q2c_pipeline.cli.embedded import serving_folder, serving_home
from q2c_pipeline.cli.preparation import claim_home, prepared_home
from q2c_pipeline.cli.summary import print_summary
from q2c_pipeline.core import errors
from q2c_pipeline.core.home import Home, disk_full_message, is_disk_full
from q2c_pipeline.defs.accounting.quickbooks import ingest as quickbooks
from q2c_pipeline.defs.crm.salesforce import ingest as salesforce
from q2c_pipeline.orchestration.console import everything_else_in_the_log, say
from q2c_pipeline.orchestration.ingest import RecordCounts, counts_of_run
from q2c_pipeline.orchestration.runs import PID_TAG, settle_dead_runs
from q2c_pipeline.settings import QuickBooksSettings, SalesforceSettings


def run(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day the marts are for; by default the vendors' date at extraction.",
        ),
    ] = None,
    company: Annotated[
        Path | None,
        typer.Option(help="Serve this company folder by an embedded sandbox and read that."),
    ] = None,
) -> None:
    """Extract, build, check and publish, once, in the foreground.

    Reads the systems whose credentials are set. Without any, or with --company, it starts an
    embedded sandbox and stops it at the end. Exit status 0 only if all went well.
    """
    _refuse_half_credentials()
    if as_of is not None:
        os.environ["Q2C_AS_OF"] = as_of.date().isoformat()
    home = prepared_home()
    with _served(home, company) as is_made_up:
        claim_home(home, is_made_up=is_made_up)
        records = run_job(home, "nightly")
    print_summary(home, records)


def run_job(home: Home, name: str) -> list[RecordCounts]:
    """Execute a job in this process, after settling what dead runs left; records by raw table.

    Raises Q2CError with the sentences of the steps that failed.
    """
    from q2c_pipeline.definitions import defs

    with everything_else_in_the_log(home.log), dg.DagsterInstance.get() as instance:
        for settled in settle_dead_runs(instance):
            say(f"An earlier run ({settled[:8]}) had been killed; what it held is free again.")
        job = defs.resolve_job_def(name)
        result = job.execute_in_process(
            instance=instance, tags={PID_TAG: str(os.getpid())}, raise_on_error=False
        )
        if not result.success:
            raise errors.Q2CError(_story(home, instance, result.run_id))
        return counts_of_run(instance, result.run_id)


def _refuse_half_credentials() -> None:
    """Raises ConfigurationError before anything is started, let alone read."""
    quickbooks.accesses(QuickBooksSettings.read())
    salesforce.access_of(SalesforceSettings.read())


@contextmanager
def _served(home: Home, company: Path | None) -> Iterator[bool]:
    """Settings of the systems to read in the environment; yields whether they are made up."""
    if company is not None:
        with serving_folder(company):
            yield True
    elif QuickBooksSettings.read().is_configured or SalesforceSettings.read().is_configured:
        yield False
    else:
        with serving_home(home):
            yield True


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
    reason = error.message.strip().splitlines()[0] if error else "no reason was given"
    return (
        f"{step} stopped for a reason nobody foresaw ({reason}). What was published before is as"
        f" it was. The log has the whole story: {home.log}"
    )
