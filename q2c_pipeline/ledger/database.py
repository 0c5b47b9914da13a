"""The database that keeps the ledger: SQLite in the home, or PostgreSQL by URL.

Belongs here: what the two do differently. Does not belong here: what is kept in them.
"""

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from q2c_pipeline.core.errors import ConfigurationError, StorageError
from q2c_pipeline.core.home import OWNER_ONLY, flush_to_disk, writing_to

FILE_MODE = 0o600
WAIT_SECONDS = 30
"""How long a change waits for another to be done; each takes milliseconds."""
CHANGING_LOCK = 0x71326301
"""The advisory lock of PostgreSQL under which changes follow one another."""

_IS_CHANGING = "q2c_is_changing"
_POSTGRESQL_DRIVER = "postgresql+psycopg"
_POSTGRESQL_NAMES = ("postgres", "postgresql", _POSTGRESQL_DRIVER)
_CONNECTION = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "connect_timeout": 10,
    "client_encoding": "utf8",
}


class Database:
    """An engine and what must be known of it; ``name`` can be shown, for it holds no password."""

    def __init__(self, url: str, holder: str) -> None:
        self.url = _usable(url)
        self.name = self.file.as_posix() if self.file else _server_and_database(self.url)
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, holder)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite ledger."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one moment of the ledger."""
        with self.translated("read"), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """One transaction at a time over the whole ledger; it is on disk when the block ends.

        Raises: StorageError when another one does not end in time; then nothing was changed.
        """
        with (
            self.translated("change"),
            self.engine.connect().execution_options(**{_IS_CHANGING: True}) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:
                connection.execute(text(f"set local lock_timeout = '{WAIT_SECONDS}s'"))
                connection.execute(
                    text("select pg_advisory_xact_lock(:lock)"), {"lock": CHANGING_LOCK}
                )
            yield connection

    def back_up(self, target: Path) -> None:
        """Writes all that is committed into a new file, while others go on.

        ``target`` is replaced in one step. Raises: ConfigurationError where the ledger is no file,
        StorageError when it cannot be written.
        """
        if self.file is None:
            raise ConfigurationError(
                f"The ledger {self.name} is backed up by its server: `pg_dump` writes a consistent"
                " copy while deliveries go on"
            )
        if target.exists() and target.samefile(self.file):
            raise ConfigurationError(f"{target} is the ledger itself: name another file")
        writing = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with writing_to(target):
                os.close(os.open(writing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE))
                with (
                    closing(sqlite3.connect(self.file)) as source,
                    closing(sqlite3.connect(writing)) as copy,
                ):
                    source.backup(copy)
                    copy.execute("pragma journal_mode = delete")
                flush_to_disk(writing)
                os.replace(writing, target)
                flush_to_disk(target.parent)
        except sqlite3.Error as error:
            raise StorageError(f"Could not back up {self.name} to {target}: {error}") from None
        finally:
            writing.unlink(missing_ok=True)

    @contextmanager
    def translated(self, act: str) -> Iterator[None]:
        """Turns what the database says into a sentence without its password or our payloads."""
        try:
            yield
        except SQLAlchemyError as error:
            raise StorageError(
                f"Could not {act} the ledger {self.name}: {self._reason(error)}."
                f" {_mend(error, self.is_sqlite)}"
            ) from None

    def _reason(self, error: SQLAlchemyError) -> str:
        told = error.orig if isinstance(error, DBAPIError) else error
        said = getattr(getattr(told, "diag", None), "message_primary", None) or str(told)
        reason = " ".join(said.split()) or type(error).__name__
        password = self.url.password
        return (reason.replace(str(password), "***") if password else reason).rstrip(".?")


def whose(actor: str, run_id: str) -> str:
    """How a waiting program is told who holds what."""
    return f"{actor}, run {run_id[:8]}, process {os.getpid()} on {socket.gethostname()}"


def _usable(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "Q2C_LEDGER_URL is no database URL. Set it to postgresql://user:password@host/database,"
            " or leave it empty for a file in the home; the value is not repeated here"
        ) from None
    if parsed.drivername in _POSTGRESQL_NAMES:
        password = parsed.password or "".join(parsed.query.get("password", ""))
        without = parsed.difference_update_query(["password"])
        return without.set(drivername=_POSTGRESQL_DRIVER, password=password or None)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise ConfigurationError(
        f"Q2C_LEDGER_URL names {parsed.drivername}; the ledger can be in PostgreSQL"
        " (postgresql://user:password@host/database) or in a SQLite file (sqlite:////path)"
    )


def _server_and_database(url: URL) -> str:
    server = url.host or url.query.get("host") or "this machine"
    return f"{url.database or url.username} (PostgreSQL on {server})"


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    with writing_to(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        os.fchmod(descriptor, FILE_MODE)
        os.close(descriptor)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver would begin transactions by itself, and too late.
        connection.isolation_level = None
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_changing = connection.get_execution_options().get(_IS_CHANGING)
        connection.exec_driver_sql("begin immediate" if is_changing else "begin")

    return engine


def _postgresql(url: URL, holder: str) -> Engine:
    try:
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={**_CONNECTION, "application_name": f"q2c: {holder}"[:63]},
        )
    except ImportError:
        raise ConfigurationError(
            "Q2C_LEDGER_URL names PostgreSQL, whose driver is not installed. Install it with"
            " `pip install 'q2c[postgres]'`, or leave the variable empty for a file in the home"
        ) from None


def _mend(error: SQLAlchemyError, is_sqlite: bool) -> str:
    said = str(error)
    if "locked" in said or "lock timeout" in said:
        return (
            f"Another program has been changing it for {WAIT_SECONDS} seconds; let it finish or end"
            " it, then run again"
        )
    if "permission denied" in said:
        return "Let its owner grant select and insert on events and select on schema_version"
    if is_sqlite:
        return (
            "Check the disk and the permissions; if the file is damaged, restore it from its backup"
        )
    if isinstance(error, OperationalError):
        return "Check that the server runs and that Q2C_LEDGER_URL names it and a valid login"
    return "Nothing of it was changed"
