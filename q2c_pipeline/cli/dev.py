"""``q2c dev``: the Dagster UI on the same definitions and the same data.

Belongs here: starting it. Does not belong here: what it shows.
"""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from q2c_pipeline.cli.embedded import serving_home
from q2c_pipeline.cli.preparation import claim_home, prepared_home
from q2c_pipeline.orchestration.console import say
from q2c_pipeline.settings import (
    PROJECT_ROOT,
    QuickBooksSettings,
    SalesforceSettings,
)

UI_PORT = 3000


def dev(
    port: Annotated[int, typer.Option(help="Port of the UI on 127.0.0.1.")] = UI_PORT,
) -> None:
    """Open the Dagster UI: lineage, runs, checks, schedules. Ctrl-C ends it.

    Without credentials the made-up company is served beside it, as in `q2c run`.
    """
    home = prepared_home()
    with ExitStack() as stack:
        is_made_up = not (
            QuickBooksSettings.read().is_configured or SalesforceSettings.read().is_configured
        )
        if is_made_up:
            stack.enter_context(serving_home(home))
        claim_home(home, is_made_up=is_made_up)
        say(f"Dagster UI: http://127.0.0.1:{port} (data in {home.folder})")
        command = [
            str(Path(sys.executable).with_name("dg")), "dev",
            "--host", "127.0.0.1", "--port", str(port),
        ]  # fmt: skip
        child = subprocess.Popen(command, cwd=PROJECT_ROOT)  # noqa: S603  the command is our own
        try:
            status = child.wait()
        except KeyboardInterrupt:
            status = child.wait()
    raise typer.Exit(status)
