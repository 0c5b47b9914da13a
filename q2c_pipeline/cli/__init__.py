"""The ``q2c`` command: what a person or a scheduler types.

Belongs here: words on the terminal and exit statuses. Does not belong here: the work itself.
"""

import logging
import sys

import typer

from q2c_pipeline.cli import dev, doctor, ledger, query, run, sandbox, trace, writing
from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.home import Home, disk_full_message, is_disk_full
from q2c_pipeline.core.terminal import log_to_file
from q2c_pipeline.settings import Settings, load_env_file

INTERRUPTED_EXIT_STATUS = 130

app = typer.Typer(
    name="q2c",
    help="From pipeline to cash: extract CRM and QuickBooks, tie the books, publish the marts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(doctor.doctor)
app.command()(query.query)
app.command()(trace.trace)
app.command()(dev.dev)
app.add_typer(ledger.app, name="ledger")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(writing.app, name="writing")


def main() -> None:
    """Run the command line; an error is one sentence on stderr and exit status 1."""
    try:
        load_env_file()
        app()
    except Q2CError as error:
        _log_trace()
        print(f"q2c: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("q2c: interrupted; what was published before is as it was.", file=sys.stderr)
        sys.exit(INTERRUPTED_EXIT_STATUS)
    except Exception as error:
        log = _log_trace()
        if is_disk_full(str(error)):
            message = disk_full_message(Settings.read().home_folder)
            print(f"q2c: {message}", file=sys.stderr)
            sys.exit(1)
        where = f"The log has the whole story: {log}" if log else "No log could be written."
        print(
            f"q2c: something unforeseen stopped the command ({type(error).__name__})."
            f" What was published before is as it was. {where}",
            file=sys.stderr,
        )
        sys.exit(1)


def _log_trace() -> str | None:
    """Keep the stack trace for those who want it; a log that can't be written stops nobody."""
    try:
        path = Home(Settings.read().home_folder).log
        handler = log_to_file(path)
    except (Q2CError, OSError):
        return None
    logger = logging.Logger("q2c")
    logger.addHandler(handler)
    logger.exception("The command ended with an error")
    handler.close()
    return str(path)
