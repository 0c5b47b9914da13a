"""One deliverer per target at a time, whatever becomes of it.

Belongs here: locks that end with their holder. Does not belong here: what is done meanwhile.

It spares the vendor needless requests; that nothing is written twice rests on the ledger's
transactions, which hold without it.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.home import OWNER_ONLY, writing_to
from q2c_pipeline.ledger.database import FILE_MODE, Database

POLL_SECONDS = 0.2
WAIT_SECONDS = 600.0
"""So long a delivery waits for another one to the same target."""

_HOLDER = """
select activity.application_name, activity.pid
from pg_locks as locks
inner join pg_stat_activity as activity on locks.pid = activity.pid
where
    locks.locktype = 'advisory'
    and locks.granted
    and locks.database = (select oid from pg_database where datname = current_database())
    and (locks.classid::bigint << 32 | locks.objid::bigint) = :lock
"""


@contextmanager
def only_deliverer(
    database: Database, target: str, holder: str, *, wait_seconds: float
) -> Iterator[None]:
    """Holds the lock of ``target`` during the block.

    Raises: StorageError that names the holder, after ``wait_seconds``.
    """
    lock = _file_lock if database.is_sqlite else _advisory_lock
    with lock(database, target, holder, wait_seconds):
        yield


@contextmanager
def _file_lock(database: Database, target: str, holder: str, wait_seconds: float) -> Iterator[None]:
    assert database.file is not None  # noqa: S101  SQLite has a file
    folder = database.file.with_name(f"{database.file.stem}.locks")
    name = target.replace("/", "-").replace(" ", "-")
    note = folder / f"{name}.holder"
    with writing_to(folder):
        folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", mode=FILE_MODE)
        try:
            lock.acquire(timeout=wait_seconds, poll_interval=POLL_SECONDS)
        except Timeout:
            raise _held(target, _text_in(note), wait_seconds) from None
    try:
        with writing_to(note):
            note.write_text(holder)
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(
    database: Database, target: str, holder: str, wait_seconds: float
) -> Iterator[None]:
    """A lock of the session; who holds it is the name that the session gave itself."""
    key = _signed(hashlib.sha256(f"q2c delivering {target}".encode()).digest()[:8])
    with ExitStack() as session:
        session.enter_context(database.translated("lock"))
        connection = session.enter_context(
            database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        )

        def is_taken() -> bool:
            return bool(
                connection.execute(
                    text("select pg_try_advisory_lock(:lock)"), {"lock": key}
                ).scalar()
            )

        if not _once(is_taken, wait_seconds):
            found = connection.execute(text(_HOLDER), {"lock": key}).first()
            raise _held(target, found.application_name if found else None, wait_seconds)
        try:
            yield
        finally:
            connection.invalidate()


def _once(is_done: Callable[[], bool], wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while not is_done():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _signed(digest: bytes) -> int:
    return int.from_bytes(digest, signed=True)


def _text_in(note: Path) -> str | None:
    try:
        return note.read_text()
    except OSError:
        return None


def _held(target: str, holder: str | None, wait_seconds: float) -> StorageError:
    return StorageError(
        f"{holder or 'Another program'} delivers to {target}, and did so for {wait_seconds:.0f}"
        " seconds. Let it finish or end it, then run again; nothing was sent"
    )
