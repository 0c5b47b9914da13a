"""``q2c ledger``: is the ledger of deliveries as it was written, and a copy of it.

Belongs here: words on the terminal. Does not belong here: what a ledger is.
"""

from pathlib import Path
from typing import Annotated

import typer

from q2c_pipeline.core.errors import ConfigurationError, StorageError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.settings import Settings

app = typer.Typer(help="Verify and back up the ledger of deliveries.", no_args_is_help=True)


@app.command()
def verify() -> None:
    """Follow the chain of events, and hold it against what others have seen of it.

    Those are the copy in the raw store and the log as published. Exit status 1 when an event was
    changed, moved, put in or taken out, or when the newest are gone.
    """
    from q2c_pipeline.ledger import chain
    from q2c_pipeline.orchestration.ledger import heads_outside, is_begun, ledger_of_home

    home = _home()
    if not is_begun(home):
        raise ConfigurationError(
            f"There is no ledger in {home.folder} yet: the first run makes it. Q2C_HOME names"
            " another home."
        )
    with ledger_of_home("verify") as ledger:
        sentences = chain.verify(ledger, heads_outside(home))
        head = ledger.head()
        name = ledger.name
    if sentences:
        raise StorageError(" ".join([f"The ledger {name} is not as it was written.", *sentences]))
    typer.echo(f"The ledger {name} is sound: {head.count:,} events, the last with hash {head.hash}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; replaced if it is there.")],
) -> None:
    """Copy the ledger, while deliveries go on, into a file that its owner alone can read.

    A ledger in PostgreSQL is backed up with `pg_dump`. To restore: end every q2c, put the file in
    the place of ledger.db, take ledger.db-wal and ledger.db-shm away, and say so by
    `q2c ledger restored` before anything else.
    """
    from q2c_pipeline.ledger.chain import verify
    from q2c_pipeline.ledger.store import Ledger
    from q2c_pipeline.orchestration.ledger import ledger_of_home

    if file.is_dir() or not file.absolute().parent.is_dir():
        raise ConfigurationError(f"{file} is no file in a folder that exists: name another one")
    with ledger_of_home("backup") as ledger:
        ledger.back_up(file.absolute())
    with Ledger(f"sqlite:///{file.absolute()}", actor="q2c", run_id="backup") as copy:
        if sentences := verify(copy):
            raise StorageError(f"The ledger was copied to {file}, and is not sound. {sentences[0]}")
        count = copy.head().count
    typer.echo(f"Backed up {count:,} events to {file}. Keep it with the backup of raw.duckdb")


@app.command()
def restored() -> None:
    """Say that the ledger was restored from a backup, after putting it in its place.

    What was seen of it and is not in it is named in it as lost, so that `verify` goes on finding
    everything else. Before anything more is written, deliveries look up in the books and the CRM
    what the lost events may have done.
    """
    from q2c_pipeline.core.ledger_copy import LedgerCopy
    from q2c_pipeline.core.raw_reading import known_entities
    from q2c_pipeline.core.warehouse import RawStore
    from q2c_pipeline.orchestration.ledger import (
        accept_restored,
        begin_anew,
        copy_ledger,
        heads_outside,
        ledger_of_home,
    )

    home = _home()
    with ledger_of_home("restored") as ledger:
        outside = heads_outside(home)
        with RawStore(home.raw, waiting=say) as store:
            copy = LedgerCopy(store.connection, home.raw)
            begin_anew(ledger, known_entities(store.connection))
            lost = accept_restored(ledger, outside)
            copy_ledger(ledger, copy, run_id="restored")
    lost_count = len({head.hash for head in lost})
    typer.echo(
        f"The ledger lacks {lost_count:,} events that were seen before, and now says so itself"
        if lost
        else "Nothing that was seen of the ledger is lost"
    )


def _home() -> Home:
    return Home(Settings.read().home_folder)
