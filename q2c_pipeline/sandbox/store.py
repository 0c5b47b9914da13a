"""The sandbox's memory: records, settings and tokens in one SQLite database.

Belongs here: keeping text and finding it again. Does not belong here: what a vendor means by it.
Payloads are kept as the exact JSON text that came in, so an amount never passes through a float.
Without a path everything lives in memory; with one, each transaction is on disk before the
answer goes out, and the next start goes on from there.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

SCHEMA = """
create table if not exists records (
    ordinal integer primary key,
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
    on records (system, tenant, object, updated_at);
create table if not exists settings (name text primary key, value text not null);
"""


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
        self.connection = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False
        )
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = full" if path else "pragma synchronous = off")
        self.connection.executescript(SCHEMA)
        self.revision = 0

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
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

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
            (
                system, tenant, object, record_id, payload,
                microseconds(updated_at), int(is_deleted),
            ),
        )

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
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _stored(row: tuple[str, str | None, str, int, int]) -> StoredRecord:
    moment = datetime.fromtimestamp(row[3] // 1_000_000, tz=UTC).replace(microsecond=row[3] % 1_000_000)
    return StoredRecord(row[0], row[1], row[2], moment, bool(row[4]))
