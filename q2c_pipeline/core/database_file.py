"""A database file that one process at a time may write to, and who holds it meanwhile.

Belongs here: opening and waiting, whatever the file is for. Does not belong here: what is in it.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import psutil

from q2c_pipeline.core.errors import StorageError

LOCK_WAIT_SECONDS = 30.0
LOCK_POLL_SECONDS = 0.5
ROW_GROUP_ROWS = 16_384
"""A writer holds so many rows before it compresses them; few, for payloads are long."""
_ALIAS = "store"

_LOCKED = "Could not set lock"
_HOLDER = re.compile(r"\(PID (?P<pid>\d+)\)")

_T = TypeVar("_T")

Waiting = Callable[[str], None]
"""Takes one line for the person who waits."""


def wait_until_free(
    path: Path, *, wait_seconds: float = LOCK_WAIT_SECONDS, waiting: Waiting | None = None
) -> None:
    """Returns once the file may be written to, or is not there; nothing in it is changed.

    For a writer, such as dbt, whose own message would not say what to do.

    Raises: StorageError naming the program that holds the file, after a bounded wait.
    """
    if path.exists():
        open_for_writing(path, wait_seconds=wait_seconds, waiting=waiting).close()


def open_for_writing(
    path: Path, *, wait_seconds: float, waiting: Waiting | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to the file, which is made when it is not there; ``waiting`` is told once.

    Raises: StorageError as ``wait_until_free`` does, or when the file is no usable database.
    """

    def open_file() -> duckdb.DuckDBPyConnection:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _attached(path)

    return _once_free(path, open_file, wait_seconds, waiting)


def attach_for_reading(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    alias: str,
    *,
    wait_seconds: float = LOCK_WAIT_SECONDS,
    waiting: Waiting | None = None,
) -> None:
    """Lets the connection read the file under ``alias``; nobody can write to it until it detaches.

    Raises: StorageError as ``wait_until_free`` does.
    """
    statement = f"attach {path_literal(path)} as {alias} (read_only)"
    _once_free(path, lambda: connection.execute(statement), wait_seconds, waiting)


def session_of(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A session of its own, with a transaction of its own, on the same opened file."""
    session = connection.cursor()
    session.execute(f"use {_ALIAS}")
    return session


def path_literal(path: Path) -> str:
    """The path as a text in a statement, which takes no parameter there."""
    return "'" + str(path).replace("'", "''") + "'"


def unusable(act: str, path: Path, error: Exception) -> StorageError:
    """What to say when the file, or the disk under it, fails."""
    return StorageError(
        f"Could not {act} {path}: {error}. Check the disk, the permissions and that the file is a"
        " DuckDB database; restore it from its backup if it is damaged"
    )


def _once_free(
    path: Path, act: Callable[[], _T], wait_seconds: float, waiting: Waiting | None
) -> _T:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            return act()
        except duckdb.IOException as error:
            if _LOCKED not in str(error):
                raise unusable("open", path, error) from None
            holder = _holder(str(error))
        except (duckdb.Error, OSError) as error:
            raise unusable("open", path, error) from None
        if time.monotonic() >= deadline:
            raise StorageError(
                f"{path} is in use by {holder}, and stayed so for {wait_seconds:.0f} seconds."
                " Let that program finish or end it, then run again"
            )
        if waiting is not None:
            waiting(f"Waiting up to {wait_seconds:.0f} s for {path}, which {holder} holds")
            waiting = None
        time.sleep(LOCK_POLL_SECONDS)


def _attached(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach {path_literal(path)} as {_ALIAS} (row_group_size {ROW_GROUP_ROWS})")
    connection.execute(f"use {_ALIAS}")
    return connection


def _holder(message: str) -> str:
    found = _HOLDER.search(message)
    if found is None:
        return "another program"
    try:
        name = psutil.Process(int(found["pid"])).name()
    except psutil.Error:
        name = "a program"
    return f"{name} (process {found['pid']})"
