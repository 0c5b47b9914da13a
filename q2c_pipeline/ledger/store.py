"""The ledger itself: events that are only ever appended, and the state that the newest ones give.

Belongs here: reading, appending, and being the only one who delivers. Does not belong here: the
order in which things are done to a vendor, which is ``delivery``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, func, insert, select, true

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.ledger.chain import BEGINNING, Head, hash_of
from q2c_pipeline.ledger.database import Database, whose
from q2c_pipeline.ledger.events import Draft, Event
from q2c_pipeline.ledger.locks import only_deliverer
from q2c_pipeline.ledger.migrations import STEPS, migrate, version_of
from q2c_pipeline.ledger.tables import EVENTS, event_of, row_of

ROWS_AT_ONCE = 1_000

Current = dict[tuple[str, str], Event]
"""The newest event of each record, by object and key."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """An open ledger; ``actor`` and ``run_id`` sign what is appended.

    Raises: StorageError where the database cannot be used, ConfigurationError where its URL names
    none; neither repeats a password.
    """

    def __init__(
        self, url: str, *, actor: str, run_id: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._actor = actor
        self._run_id = run_id
        self._now = now
        self._holder = whose(actor, run_id)
        self._database = Database(url, self._holder)
        try:
            self._bring_up_to_date()
        except BaseException:
            self._database.engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.engine.dispose()

    @property
    def name(self) -> str:
        """Where the ledger is, without its password."""
        return self._database.name

    @contextmanager
    def changing(self) -> Iterator["Change"]:
        """One exclusive transaction over the whole ledger; an error in the block undoes it.

        Raises: StorageError when another one does not end in time.
        """
        with self._database.changing() as connection:
            yield Change(connection, self._actor, self._run_id, self._now)

    def current(self, target_system: str, entity: str, object: str | None = None) -> Current:
        """The newest event of each record of one entity, by object and key."""
        with self._database.reading() as connection:
            return _current(connection, target_system, entity, object)

    def targets(self) -> set[tuple[str, str]]:
        """The systems and their entities of which it has events."""
        named = select(EVENTS.c.target_system, EVENTS.c.entity).distinct()
        with self._database.reading() as connection:
            return {(row.target_system, row.entity) for row in connection.execute(named)}

    def events(self, after: int = 0) -> Iterator[Event]:
        """Events in turn, from the one that follows number ``after``."""
        return map(event_of, self.rows(after))

    def rows(self, after: int | None = None) -> Iterator[Mapping[str, Any]]:
        """The same as they are stored, even those that no release of ours has written."""
        while True:
            with self._database.reading() as connection:
                page = [
                    dict(row)
                    for row in connection.execute(
                        select(EVENTS)
                        .where(true() if after is None else EVENTS.c.sequence > after)
                        .order_by(EVENTS.c.sequence)
                        .limit(ROWS_AT_ONCE)
                    ).mappings()
                ]
            yield from page
            if len(page) < ROWS_AT_ONCE:
                return
            after = page[-1]["sequence"]

    def head(self) -> Head:
        with self._database.reading() as connection:
            return _head(connection)

    def back_up(self, target: Path) -> None:
        """Writes a consistent copy of a ledger that is a file, readable by its owner alone.

        Raises: ConfigurationError where the ledger is no file, StorageError when the copy cannot be
        written, or is not sound.
        """
        self._database.back_up(target)

    def delivering(
        self, target_system: str, entity: str, *, wait_seconds: float
    ) -> AbstractContextManager[None]:
        """Nobody else delivers to this entity during the block; over when the process dies.

        Raises: StorageError that names the one who does, after ``wait_seconds``.
        """
        return only_deliverer(
            self._database, f"{target_system} {entity}", self._holder, wait_seconds=wait_seconds
        )

    def _bring_up_to_date(self) -> None:
        with self._database.reading() as connection:
            version = version_of(connection)
        if version > len(STEPS):
            raise StorageError(
                f"The ledger {self.name} has tables of version {version}, and this release knows"
                f" {len(STEPS)}. Use the release that made them, or a newer one"
            )
        if version < len(STEPS):
            with self._database.changing() as connection:
                migrate(connection, self._now().astimezone(UTC).isoformat())


class Change:
    """One transaction: what is read here is still so when what is appended is committed."""

    def __init__(
        self, connection: Connection, actor: str, run_id: str, now: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._actor = actor
        self._run_id = run_id
        self._now = now

    def current(self, target_system: str, entity: str, object: str | None = None) -> Current:
        """The newest event of each record of one entity, by object and key."""
        return _current(self._connection, target_system, entity, object)

    def append(self, drafts: Sequence[Draft], *, actor: str | None = None) -> list[Event]:
        """The drafts as events, numbered, chained and signed: by the ledger's actor, or by another.

        An intent is one record in one generation and attempt: ``before`` is the state of that one.
        """
        head = _head(self._connection)
        before = _newest_of(self._connection, drafts)
        rows = []
        for draft in drafts:
            newest = before.get(_record(draft))
            is_same = newest is not None and _intent(newest) == _intent(draft)
            row = row_of(
                {
                    **asdict(draft),
                    "sequence": head.count + 1,
                    "happened_at": self._now(),
                    "before": newest.state if newest is not None and is_same else None,
                    "actor": actor or self._actor,
                    "run_id": self._run_id,
                    "previous_hash": head.hash,
                }
            )
            head = Head(head.count + 1, hash_of(row))
            rows.append({**row, "hash": head.hash})
            before[_record(draft)] = draft
        if rows:
            self._connection.execute(insert(EVENTS), rows)
        return [event_of(row) for row in rows]


def _record(draft: Draft) -> tuple[str, str, str, str]:
    return draft.target_system, draft.entity, draft.object, draft.key


def _intent(draft: Draft) -> tuple[int, int]:
    return draft.generation, draft.attempt


def _newest_of(
    connection: Connection, drafts: Sequence[Draft]
) -> dict[tuple[str, str, str, str], Draft]:
    """The newest event of each record that is about to change."""
    found: dict[tuple[str, str, str, str], Draft] = {}
    for draft in drafts:
        target_system, entity, object, key = _record(draft)
        row = (
            connection.execute(
                select(EVENTS)
                .where(
                    EVENTS.c.target_system == target_system,
                    EVENTS.c.entity == entity,
                    EVENTS.c.object == object,
                    EVENTS.c.key == key,
                )
                .order_by(EVENTS.c.sequence.desc())
                .limit(1)
            )
            .mappings()
            .first()
        )
        if row is not None:
            found[_record(draft)] = event_of(dict(row))
    return found


def _current(
    connection: Connection, target_system: str, entity: str, object: str | None
) -> Current:
    meant = [EVENTS.c.target_system == target_system, EVENTS.c.entity == entity]
    if object is not None:
        meant.append(EVENTS.c.object == object)
    newest = (
        select(func.max(EVENTS.c.sequence)).where(*meant).group_by(EVENTS.c.object, EVENTS.c.key)
    )
    rows = connection.execute(
        select(EVENTS).where(EVENTS.c.sequence.in_(newest)).order_by(EVENTS.c.sequence)
    ).mappings()
    return {(row["object"], row["key"]): event_of(dict(row)) for row in rows}


def _head(connection: Connection) -> Head:
    found = connection.execute(
        select(EVENTS.c.sequence, EVENTS.c.hash).order_by(EVENTS.c.sequence.desc()).limit(1)
    ).first()
    return BEGINNING if found is None else Head(found.sequence, found.hash)
