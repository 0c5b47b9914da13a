"""The sandbox's memory: records, settings and tokens in one SQLite database.

Belongs here: keeping text and finding it again. Does not belong here: what a vendor means by it.
Payloads are kept as the exact JSON text that came in, so an amount never passes through a float.
Without a path everything goes with the process; with one, each transaction is on disk before the
answer goes out, and the next start goes on from there.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

SCHEMA = """
create table if not exists records (
    ordinal integer primary key autoincrement,
    system text not null,
    tenant text not null,
    object text not null,
    record_id text,
    payload text not null,
    updated_at integer not null,
    is_deleted integer not null default 0,
    unique (system, tenant, object, record_id)
);
create index if not exists records_by_update
    on records (system, tenant, object, is_deleted, updated_at, length(record_id), record_id);
create table if not exists settings (name text primary key, value text not null);
create table if not exists last_living (
    system text not null,
    tenant text not null,
    object text not null,
    record_id text not null,
    payload text not null,
    primary key (system, tenant, object, record_id)
);
create trigger if not exists remember_the_living
after update of is_deleted on records when new.is_deleted > old.is_deleted
begin
    delete from last_living
    where system = old.system and tenant = old.tenant
        and object = old.object and record_id = old.record_id;
    insert into last_living
    values (old.system, old.tenant, old.object, old.record_id, old.payload);
end;
"""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CACHE_KIBIBYTES = 131_072


class StoredRecord(NamedTuple):
    """One record as it stands; ``record_id`` is None for a malformed record without one."""

    object: str
    record_id: str | None
    payload: str
    updated_at: datetime
    is_deleted: bool


class Store:
    """All records of all systems; ``tenant`` is a realm id or a CRM organisation id.

    ``revision`` grows with every change, so that anything derived can be cached against it.
    """

    def __init__(self, path: Path | None = None) -> None:
        # The empty name is SQLite's own temporary file: private, gone at the end, and larger than
        # memory if the company is.
        self.connection = sqlite3.connect(
            str(path) if path else "", isolation_level=None, check_same_thread=False
        )
        self.connection.execute(f"pragma cache_size = -{CACHE_KIBIBYTES}")
        self.connection.execute(f"pragma journal_mode = {'wal' if path else 'memory'}")
        self.connection.execute(f"pragma synchronous = {'full' if path else 'off'}")
        self.connection.create_function("folded", 1, folded, deterministic=True)
        self.connection.executescript(SCHEMA)
        self.revision = 0

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested use joins the outer transaction."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.revision += 1
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that may fail alone."""
        self.connection.execute("savepoint part")
        try:
            yield
        except BaseException:
            self.revision += 1
            self.connection.execute("rollback to part")
            raise
        finally:
            self.connection.execute("release part")

    def put(
        self,
        system: str,
        tenant: str,
        object: str,
        record_id: str | None,
        payload: str,
        updated_at: datetime,
        *,
        is_deleted: bool = False,
    ) -> None:
        """Insert or replace one record; a replaced record keeps its ordinal."""
        self.revision += 1
        self.connection.execute(
            """
            insert into records (system, tenant, object, record_id, payload, updated_at, is_deleted)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (system, tenant, object, record_id) do update set
                payload = excluded.payload,
                updated_at = excluded.updated_at,
                is_deleted = excluded.is_deleted
            """,
            (system, tenant, object, record_id, payload, microseconds(updated_at), int(is_deleted)),
        )

    def load(self, system: str, tenant: str, records: Iterable[StoredRecord]) -> None:
        """Insert many new records, one after another as they come; none is held on to.

        Raises ``sqlite3.IntegrityError`` for an id that is there already.
        """
        self.revision += 1
        self.connection.executemany(
            "insert into records (system, tenant, object, record_id, payload, updated_at,"
            " is_deleted) values (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    system, tenant, record.object, record.record_id, record.payload,
                    microseconds(record.updated_at), int(record.is_deleted),
                )
                for record in records
            ),
        )  # fmt: skip

    def get(self, system: str, tenant: str, object: str, record_id: str) -> StoredRecord | None:
        """The record, deleted or not; None if there never was one."""
        found = self.connection.execute(
            "select object, record_id, payload, updated_at, is_deleted from records"
            " where system = ? and tenant = ? and object = ? and record_id = ?",
            (system, tenant, object, record_id),
        ).fetchone()
        return _stored(found) if found else None

    def records(
        self, system: str, tenant: str, objects: Iterable[str], *, include_deleted: bool = False
    ) -> Iterator[StoredRecord]:
        """Every record of the named objects, object by object, in order of arrival."""
        for object in objects:
            for row in self.connection.execute(
                "select object, record_id, payload, updated_at, is_deleted from records"
                " where system = ? and tenant = ? and object = ? and is_deleted <= ?"
                " order by ordinal",
                (system, tenant, object, int(include_deleted)),
            ):
                yield _stored(row)

    def last_living(self, system: str, tenant: str, object: str, record_id: str) -> str | None:
        """The payload that a deleted record had before it was; None if it never lived here."""
        found = self.connection.execute(
            "select payload from last_living"
            " where system = ? and tenant = ? and object = ? and record_id = ?",
            (system, tenant, object, record_id),
        ).fetchone()
        return found[0] if found else None

    def erase(self, system: str, tenant: str, object: str, record_id: str) -> None:
        """Take a record out as if it had never been there."""
        self.revision += 1
        self.connection.execute(
            "delete from records where system = ? and tenant = ? and object = ? and record_id = ?",
            (system, tenant, object, record_id),
        )

    def setting(self, name: str) -> str | None:
        row = self.connection.execute(
            "select value from settings where name = ?", (name,)
        ).fetchone()
        return row[0] if row else None

    def set_setting(self, name: str, value: str) -> None:
        self.connection.execute(
            "insert into settings values (?, ?)"
            " on conflict (name) do update set value = excluded.value",
            (name, value),
        )


def microseconds(moment: datetime) -> int:
    """The moment as whole microseconds since 1970, which sorts where text with offsets does not."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def folded(text: str | int | float | None) -> str | int | float | None:
    """Text as it is compared where case does not count; in SQL ``folded(…)``."""
    return text.casefold() if isinstance(text, str) else text


def _stored(row: tuple[str, str | None, str, int, int]) -> StoredRecord:
    moment = EPOCH + timedelta(microseconds=row[3])
    return StoredRecord(row[0], row[1], row[2], moment, bool(row[4]))
