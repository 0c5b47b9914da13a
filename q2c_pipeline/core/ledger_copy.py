"""The copy of the ledger beside the records that vendors sent, from which models read it.

Belongs here: appending events and what the head was. Does not belong here: the ledger itself, and
what an event means.

Like everything raw it is only ever appended to. A ledger that was restored from an older backup
goes on from there: its events stand beside those that it has forgotten, which happened all the
same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from q2c_pipeline.core.database_file import attach_for_reading, unusable
from q2c_pipeline.core.raw_tables import LEDGER_SCHEMA, LEDGER_TABLES

COPY = f"{LEDGER_SCHEMA}.events"
PUBLISHED_LOG = "billing.write_back_log"


class CopiedHead(NamedTuple):
    """Number and hash of the event that was the last one once."""

    number: int
    hash: str


class LedgerCopy:
    """The copy in an opened raw database, whose file is ``path``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._path = path
        try:
            connection.execute(LEDGER_TABLES)
        except duckdb.Error as error:
            raise unusable("prepare the copy of the ledger in", path, error) from error

    def last_head(self) -> CopiedHead | None:
        """The head as the last reading found it; None before the first."""
        found = self._connection.execute(
            f"select event_count, head_hash from {LEDGER_SCHEMA}.readings"
            " order by read_at desc, rowid desc limit 1"
        ).fetchone()
        return None if found is None else CopiedHead(*found)

    def append(
        self,
        rows: Iterable[Mapping[str, Any]],
        head: CopiedHead,
        *,
        run_id: str,
        read_at: datetime,
    ) -> int:
        """Adds the events that are not there yet, and the head, in one transaction.

        Returns how many were added. Raises StorageError, and nothing was added.
        """
        held = {hash for (hash,) in self._connection.execute(f"select hash from {COPY}").fetchall()}
        new = [{**row, "extracted_at": read_at} for row in rows if row["hash"] not in held]
        try:
            self._connection.begin()
            self._insert(new)
            self._connection.execute(
                f"insert into {LEDGER_SCHEMA}.readings values ($1, $2, $3, $4)",
                [run_id, *head, read_at],
            )
            self._connection.commit()
        except duckdb.Error as error:
            self._connection.rollback()
            raise unusable("copy the ledger into", self._path, error) from error
        return len(new)

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        columns = list(rows[0])
        values = ", ".join(f"unnest(${number + 1})" for number in range(len(columns)))
        self._connection.execute(
            f"insert into {COPY} ({', '.join(columns)}) select {values}",
            [[row[column] for row in rows] for column in columns],
        )


def copied_heads(path: Path, table: str) -> list[CopiedHead]:
    """Every event that ``table`` of a database file holds, by number; none without the table.

    Raises StorageError when the file cannot be read, or another program keeps it.
    """
    schema, name = table.split(".")
    with duckdb.connect() as connection:
        attach_for_reading(connection, path, "file")
        try:
            is_there = connection.execute(
                "select 1 from duckdb_tables()"
                " where database_name = 'file' and schema_name = $1 and table_name = $2",
                [schema, name],
            ).fetchone()
            if is_there is None:
                return []
            rows = connection.execute(
                f"select sequence, hash from file.{table} order by sequence"
            ).fetchall()
        except duckdb.Error as error:
            raise unusable("read", path, error) from error
    return [CopiedHead(*row) for row in rows]
