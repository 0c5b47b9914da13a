"""The raw store: every version of every record that a vendor sent, appended and never changed.

Belongs here: the tables of ``raw.duckdb``, the rule of what is a new version, the cursor that is
committed with it. Does not belong here: what a payload means, and anything derived from it.

A version is added when the payload's hash or the deletion mark differs from the record's latest,
so A, B, A are three versions and a page read twice adds nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

import duckdb

from q2c_pipeline.core.database_file import LOCK_WAIT_SECONDS, open_for_writing, unusable
from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.landing import Load
from q2c_pipeline.core.raw_tables import (
    FORMER_REPORT_STATES,
    LEDGER_TABLES,
    object_table,
    plain_name,
    system_tables,
    table_of,
    take_over_report_states,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(NamedTuple):
    """Up to where an object has been read, and which of its fields were (vendors that select).

    ``listed_at`` is when it was last read whole, so that what vanished was noticed.
    """

    changed_since: datetime
    selection: str
    listed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ExtractionRecord:
    """One run's reading of one entity; its newest says what the marts are built for."""

    entity: str
    run_id: str
    extracted_at: datetime
    as_of_date: date
    extraction_date: date
    time_zone: str
    home_currency: str | None
    calls: int | None = None
    metered_reads: int | None = None


class RawStore:
    """The raw database, open for writing by this process alone.

    ``waiting`` is told once when another program holds the file.

    Raises: StorageError naming that program, after a bounded wait.
    """

    def __init__(
        self,
        path: Path,
        *,
        wait_seconds: float = LOCK_WAIT_SECONDS,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self._wait_seconds = wait_seconds
        self._waiting = waiting
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        self._connection = open_for_writing(
            self.path, wait_seconds=self._wait_seconds, waiting=self._waiting
        )
        with self._translated("prepare a session in"):
            self.connection.execute("set timezone = 'UTC'")
            self.connection.execute("set preserve_insertion_order = true")
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """For readers with a question of their own; what they write is not versioned."""
        if self._connection is None:
            raise StorageError(f"{self.path} is not open; use it as a context manager")
        return self._connection

    def prepare(self, systems: Mapping[str, Sequence[str]]) -> None:
        """Makes the tables of each system's objects, and the ledger's, that are not there yet."""
        with self._translated("create tables in"):
            self.connection.execute(LEDGER_TABLES)
            for system, objects in systems.items():
                self.connection.execute(system_tables(system))
                if self._has_table(system, FORMER_REPORT_STATES):
                    self.connection.execute(take_over_report_states(system))
                for object in objects:
                    self.connection.execute(object_table(system, object))

    @contextmanager
    def load(
        self, system: str, object: str, entity: str, run_id: str, extracted_at: datetime
    ) -> Iterator[Load]:
        """Lands one object of one entity; without ``commit`` nothing of it stays."""
        with self._translated(f"land {system} {object} in"):
            load = Load(self.connection, system, object, entity, run_id, extracted_at)
            try:
                yield load
            finally:
                load.close()

    def cursor(self, system: str, object: str, entity: str) -> Cursor | None:
        """None before the object's first committed load."""
        found = self.connection.execute(
            "select epoch_us(changed_since), selection, epoch_us(listed_at)"
            f" from raw_{plain_name(system)}.cursors where entity = $1 and object = $2",
            [entity, object],
        ).fetchone()
        if found is None:
            return None
        listed_at = None if found[2] is None else moment_of(found[2])
        return Cursor(moment_of(found[0]), found[1], listed_at)

    def latest_ids(self, system: str, object: str, entity: str) -> set[str]:
        """The records whose latest version is not deleted."""
        rows = self.connection.execute(
            f"select record_id from {table_of(system, object)} where entity = $1"
            " group by record_id having not arg_max(is_deleted, version)",
            [entity],
        ).fetchall()
        return {record_id for (record_id,) in rows}

    def latest_payloads(self, system: str, object: str, entity: str) -> dict[str, str]:
        """Payload by record id, for the small objects that steer an extraction."""
        rows = self.connection.execute(
            f"select record_id, arg_max(payload::varchar, version) from {table_of(system, object)}"
            " where entity = $1 group by record_id having not arg_max(is_deleted, version)",
            [entity],
        ).fetchall()
        return dict(rows)

    def record_extraction(self, system: str, extraction: ExtractionRecord) -> None:
        """Says that a run has read the entity completely; said twice, the last one holds."""
        with self._translated("record an extraction in"):
            self.connection.execute(
                f"insert or replace into raw_{plain_name(system)}.extractions"
                " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                [
                    extraction.entity,
                    extraction.run_id,
                    extraction.extracted_at,
                    extraction.as_of_date,
                    extraction.extraction_date,
                    extraction.time_zone,
                    extraction.home_currency,
                    extraction.calls,
                    extraction.metered_reads,
                ],
            )

    def record_count(
        self,
        system: str,
        object: str,
        entity: str,
        *,
        run_id: str,
        ours: int,
        theirs: int,
        counted_at: datetime,
    ) -> None:
        """Says how many live records we and the vendor have; said twice, the last one holds."""
        with self._translated("record a count in"):
            self.connection.execute(
                f"insert or replace into raw_{plain_name(system)}.counts"
                " values ($1, $2, $3, $4, $5, $6)",
                [entity, object, run_id, ours, theirs, counted_at],
            )

    def record_failure(
        self, system: str, entity: str, *, run_id: str, reason: str, failed_at: datetime
    ) -> None:
        """Says that a run could not read the entity, and since when it is therefore stale.

        ``reason`` holds no secret.
        """
        schema = f"raw_{plain_name(system)}"
        with self._translated("record a failure in"):
            self.connection.execute(
                f"""
                insert or replace into {schema}.failures
                select
                    $entity,
                    $run_id,
                    $reason,
                    (select max(extracted_at) from {schema}.extractions where entity = $entity),
                    $failed_at
                """,
                {"entity": entity, "run_id": run_id, "reason": reason, "failed_at": failed_at},
            )

    def last_extraction(self, system: str, entity: str) -> ExtractionRecord | None:
        """The newest completed one by the vendor's clock."""
        found = self.connection.execute(
            "select entity, run_id, epoch_us(extracted_at), as_of_date, extraction_date,"
            " time_zone, home_currency, calls, metered_reads"
            f" from raw_{plain_name(system)}.extractions where entity = $1"
            " order by extracted_at desc, rowid desc limit 1",
            [entity],
        ).fetchone()
        if found is None:
            return None
        return ExtractionRecord(
            entity=found[0],
            run_id=found[1],
            extracted_at=moment_of(found[2]),
            as_of_date=found[3],
            extraction_date=found[4],
            time_zone=found[5],
            home_currency=found[6],
            calls=found[7],
            metered_reads=found[8],
        )

    def _has_table(self, system: str, table: str) -> bool:
        found = self.connection.execute(
            "select count(*) from duckdb_tables() where schema_name = $1 and table_name = $2",
            [f"raw_{plain_name(system)}", table],
        ).fetchall()
        return found == [(1,)]

    @contextmanager
    def _translated(self, act: str) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise unusable(act, self.path, error) from error


def moment_of(microseconds: int) -> datetime:
    """The moment that the database counts in microseconds, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
