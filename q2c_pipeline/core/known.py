"""What was known at the end of an earlier day: the raw store without what came later.

Belongs here: which reading was a day's last, and which rows had arrived by then. Does not belong
here: what the marts make of them, and where they are kept.

Rows are told apart by the run that brought them, for each vendor and this machine have clocks of
their own. Rows of a run that completed nothing have only their moment, which is compared on the
clock that wrote it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from q2c_pipeline.core.database_file import Waiting, attach_for_reading, path_literal, unusable
from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.home import writing_to
from q2c_pipeline.core.raw_tables import LEDGER_SCHEMA, LEDGER_TABLES

_MOMENTS = {
    "counts": "counted_at",
    "failures": "failed_at",
    "report_states": "changed_at",
    "readings": "read_at",
}
_MOMENT_OF_VERSIONS = "extracted_at"
_PRESENT_ONLY = ("cursors",)
"""Tables that say how things stand now and nothing of the past; no model reads them."""

_RUNS = """
create temp table runs as
select
    run_id,
    coalesce(
        max(extraction_date) filter (where home_currency is not null), max(extraction_date)
    ) as run_date,
    count(*) as reading_count,
    max(extracted_at) as completed_at,
from ({readings})
group by run_id
"""
"""The day of a run is that of its books, for a run may span midnight."""

_LAST_RUN = """
select run_id, run_date, reading_count from runs
where run_date <= $day
order by run_date desc, completed_at desc, run_id desc
limit 1
"""

_KNOWN_RUNS = """
create temp table known_runs as
select run_id from runs
where (run_date, completed_at, run_id) <= (
    select (run_date, completed_at, run_id) from runs where run_id = $run_id
)
"""

_FORGET = """
delete from raw.{schema}.{table}
where (
    run_id in (from known_runs)
    or run_id not in (select run_id from runs) and {moment} <= {last_moment}
) is not true
"""

_LAST_READING = """
(select max(extracted_at) from raw.{schema}.extractions where run_id in (from known_runs))
"""
_LAST_KNOWN_FAILURE = """
(select max(failed_at) from raw.{schema}.failures where run_id in (from known_runs))
"""
_LAST_KNOWN_LEDGER = """
(select max(read_at) from raw.{schema}.readings where run_id in (from known_runs))
"""


class KnownRun(NamedTuple):
    """The last run of a day or before it, and of how many entities it has completed a reading."""

    run_id: str
    run_date: date
    reading_count: int


def last_run_known(raw: Path, day: date, *, waiting: Waiting | None = None) -> KnownRun:
    """The last completed run whose readings, by the vendors' clocks, are of ``day`` or before.

    Raises ConfigurationError naming the first day of which anything is known.
    """
    with _runs(raw, waiting) as connection:
        found = connection.execute(_LAST_RUN, {"day": day}).fetchone()
        if found is not None:
            return KnownRun(*found)
        [(first,)] = connection.execute("select min(run_date) from runs").fetchall()
    raise ConfigurationError(
        f"Nothing was known on {day}: the first reading is of {first}. Ask for that day or a later"
        " one."
        if first
        else f"Nothing was known on {day}: nothing has been read completely yet. `q2c run` reads."
    )


def cut_raw(raw: Path, run: KnownRun, target: Path, *, waiting: Waiting | None = None) -> None:
    """Makes ``target`` a raw database of all that ``raw`` held after that run.

    The file is copied and what came later is deleted from the copy: nothing holds ``raw`` for
    longer than the copying takes, so a run need not wait for a reader.

    Raises StorageError when a file cannot be used.
    """
    with duckdb.connect() as connection, writing_to(target):
        attach_for_reading(connection, raw, "raw", waiting=waiting)
        shutil.copyfile(raw, target)
        unmerged = raw.with_name(f"{raw.name}.wal")
        if unmerged.exists():
            shutil.copyfile(unmerged, target.with_name(f"{target.name}.wal"))
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {path_literal(target)} as raw")
            _find_runs(connection)
            connection.execute(_KNOWN_RUNS, {"run_id": run.run_id})
            connection.execute("use raw")
            connection.execute(LEDGER_TABLES)
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'raw'"
                " and not list_contains($1, table_name) order by all",
                [list(_PRESENT_ONLY)],
            ).fetchall()
            for schema, table in tables:
                last_moment = _last_known(schema, table)
                connection.execute(
                    _FORGET.format(
                        schema=schema,
                        table=table,
                        moment=_MOMENTS.get(table, _MOMENT_OF_VERSIONS),
                        last_moment=last_moment.format(schema=schema),
                    )
                )
        except duckdb.Error as error:
            raise unusable("cut", target, error) from error


def _last_known(schema: str, table: str) -> str:
    """The last moment of what is known, on the clock that the table's moments are of."""
    if schema == LEDGER_SCHEMA:
        return _LAST_KNOWN_LEDGER
    return _LAST_KNOWN_FAILURE if table == "failures" else _LAST_READING


@contextmanager
def _runs(raw: Path, waiting: Waiting | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the store as ``raw``, which is held until the block ends, and its runs."""
    if not raw.exists():
        raise ConfigurationError(
            f"Nothing has been read into {raw.parent} yet, so nothing was known on any day."
            " `q2c run` reads; Q2C_HOME names another home."
        )
    with duckdb.connect() as connection:
        attach_for_reading(connection, raw, "raw", waiting=waiting)
        try:
            _find_runs(connection)
            yield connection
        except duckdb.Error as error:
            raise unusable("read what was known from", raw, error) from error


def _find_runs(connection: duckdb.DuckDBPyConnection) -> None:
    schemas = connection.execute(
        "select schema_name from duckdb_tables() where database_name = 'raw'"
        " and table_name = 'extractions' order by all"
    ).fetchall()
    readings = " union all ".join(
        f"select run_id, extraction_date, home_currency, extracted_at from raw.{schema}.extractions"
        for (schema,) in schemas
    )
    connection.execute(_RUNS.format(readings=readings))
