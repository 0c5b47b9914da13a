"""``q2c dev``: the Dagster UI on the same definitions and the same data.

Belongs here: starting and ending its processes. Does not belong here: what it shows.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import dagster as dg
import typer

from q2c_pipeline.cli.embedded import reads_made_up_company, serving_home
from q2c_pipeline.cli.jobs import settle
from q2c_pipeline.cli.preparation import claim_home, prepared_home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.settings import PROJECT_ROOT

UI_PORT = 3000
POLL_SECONDS = 0.5
STOP_SECONDS_MAX = 20
WORKSPACE = ("--workspace", str(PROJECT_ROOT / "workspace.yaml"), "--log-level", "warning")


def dev(
    port: Annotated[int, typer.Option(help="Port of the UI on 127.0.0.1.")] = UI_PORT,
) -> None:
    """Open the Dagster UI: lineage, runs, checks, schedules. Ctrl-C ends it.

    Without credentials the made-up company is served beside it, as in `q2c run`.
    """
    # A shell that starts it in the background has it ignore Ctrl-C, and its children too.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    home = prepared_home()
    with ExitStack() as stack:
        is_made_up = reads_made_up_company()
        if is_made_up:
            stack.enter_context(serving_home(home))
        claim_home(home, is_made_up=is_made_up)
        with dg.DagsterInstance.get() as instance:
            settle(instance)
        address = ("--host", "127.0.0.1", "--port", str(port))
        children = [
            stack.enter_context(_running(home.dagster, "dagster-webserver", *WORKSPACE, *address)),
            stack.enter_context(_running(home.dagster, "dagster-daemon", "run", *WORKSPACE)),
        ]
        say(f"Dagster UI: http://127.0.0.1:{port} (data in {home.folder}); Ctrl-C ends it")
        try:
            while all(child.poll() is None for child in children):
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            return
    raise typer.Exit(1)


@contextmanager
def _running(folder: Path, program: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program of this environment, ended with the block."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    child = subprocess.Popen(  # noqa: S603  the command is our own
        command, cwd=folder, start_new_session=True
    )
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
