"""``q2c run``: everything once, start to end, in the foreground.

Belongs here: the order of things. Does not belong here: the steps.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from q2c_pipeline.cli.embedded import serving_if_needed
from q2c_pipeline.cli.preparation import claim_home, prepared_home
from q2c_pipeline.settings import QuickBooksSettings, SalesforceSettings, refuse_half


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
    """Extract, build, check and publish, once, in the foreground; then deliver what is approved.

    Reads the systems whose credentials are set. Without any, or with --company, it starts an
    embedded sandbox and stops it at the end. Q2C_MODE says whether anything is written: by default
    drafts into the made-up company, and nothing anywhere else. Exit status 0 only if all went well.
    """
    from q2c_pipeline.cli.deliveries import deliver_what_waits
    from q2c_pipeline.cli.jobs import run_job
    from q2c_pipeline.cli.summary import print_summary

    refuse_half(QuickBooksSettings.read())
    refuse_half(SalesforceSettings.read())
    if as_of is not None:
        os.environ["Q2C_AS_OF"] = as_of.date().isoformat()
    home = prepared_home()
    with serving_if_needed(home, company) as is_made_up:
        claim_home(home, is_made_up=is_made_up)
        finished = run_job(home, "nightly")
        deliveries = deliver_what_waits(home)
    print_summary(home, finished, deliveries.runs)
    if deliveries.failure is not None:
        raise deliveries.failure
