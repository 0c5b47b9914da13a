"""``q2c writing``: the switch that stops every write to a vendor, at once.

Belongs here: setting the switch. Does not belong here: heeding it, which delivery does before each
request.
"""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from q2c_pipeline.cli.embedded import mode_of_commands
from q2c_pipeline.core.home import Home, writing_to
from q2c_pipeline.settings import Settings

app = typer.Typer(
    help="Stop or resume all writing to QuickBooks and the CRM.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def stop(
    why: Annotated[str, typer.Option(help="Kept beside the switch, for whoever meets it.")] = "",
) -> None:
    """Stop all writing. A delivery under way ends before its next request."""
    switch = Home(Settings.read().home_folder).writing_stopped
    with writing_to(switch):
        switch.parent.mkdir(parents=True, exist_ok=True)
        switch.write_text(f"{_now()} by {getpass.getuser()}{': ' if why else ''}{why}\n")
    typer.echo("Nothing is written to any vendor until `q2c writing resume`.")


@app.command()
def resume() -> None:
    """Let writing go on in the mode that Q2C_MODE names. What was in doubt is settled first."""
    Home(Settings.read().home_folder).writing_stopped.unlink(missing_ok=True)
    typer.echo(f"Writing is no longer stopped; the mode is {mode_of_commands()}.")


@app.command()
def status() -> None:
    """Say whether writing is stopped, since when and by whom."""
    switch = Home(Settings.read().home_folder).writing_stopped
    if switch.exists():
        typer.echo(f"Writing is stopped since {switch.read_text().strip()}.")
    else:
        typer.echo(f"Writing is not stopped; the mode is {mode_of_commands()}.")


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
