"""What later steps ask the raw store, without writing to it.

Belongs here: questions about runs. Does not belong here: payloads, which staging reads.
"""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, cast

import duckdb

from q2c_pipeline.core.database_file import attach_for_reading
from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.raw_tables import LEDGER_SCHEMA
from q2c_pipeline.core.warehouse import moment_of

_FAILED_WRITES = f"""
select target_system, object, key, coalesce(
    json_extract_string(detail, '$.message'), json_extract_string(detail, '$.why'),
    'sent, and no answer came'
)
from {LEDGER_SCHEMA}.events
where run_id = $1
qualify
    row_number() over (partition by target_system, entity, object, key order by sequence desc) = 1
    and state in ('refused', 'sent')
order by all
"""


class Refusal(NamedTuple):
    """A record that a run met for the first time and could not take."""

    system: str
    object: str
    reason: str
    mend: str


class Reading(NamedTuple):
    """A completed reading of an entity; of ``calls`` the vendor bills ``metered_reads``."""

    system: str
    entity: str
    calls: int
    metered_reads: int


class KnownEntity(NamedTuple):
    """An entity that was read completely; ``read_at`` is the vendor's clock of the last time."""

    system: str
    entity: str
    read_at: datetime


class FailedWrite(NamedTuple):
    """A record that a run could not write: refused, or in doubt; ``told`` is in plain words."""

    target_system: str
    object: str
    key: str
    told: str


class StaleEntity(NamedTuple):
    """An entity that a run could not read; ``read_at`` is its last complete reading, if any."""

    system: str
    entity: str
    reason: str
    read_at: datetime | None


def latest_as_of_date(raw: Path) -> date:
    """The day that the newest extraction was for; the books' day where there are books.

    Only books have a home currency.

    Raises ContractBroken when nothing was extracted completely yet.
    """
    return _latest_days(raw)[0]


def is_of_an_earlier_day(raw: Path) -> bool:
    """Whether the newest extraction was for another day than the vendor's own at that moment.

    Raises ContractBroken as ``latest_as_of_date`` does.
    """
    as_of_date, extraction_date = _latest_days(raw)
    return as_of_date < extraction_date


def _latest_days(raw: Path) -> tuple[date, date]:
    with duckdb.connect(str(raw), read_only=True) as connection:
        extractions = " union all ".join(
            f"select as_of_date, extraction_date, home_currency, extracted_at"
            f" from raw_{system}.extractions"
            for system in _systems(connection)
        )
        found = connection.execute(
            f"select as_of_date, extraction_date from ({extractions})"
            " order by home_currency is null, extracted_at desc limit 1"
        ).fetchone()
    if found:
        return cast(tuple[date, date], found)
    raise ContractBroken(
        f"Nothing has been extracted into {raw} yet, so there is no day to build for. Extract a"
        " system first: the job `nightly` does both."
    )


def refusals_of_run(raw: Path, run_id: str) -> list[Refusal]:
    """The records that this run refused and none before it, in a stable order."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return [
            Refusal(system, *row)
            for system in _systems(connection)
            for row in connection.execute(
                f"select object, reason, mend from raw_{system}.rejects where run_id = ?"
                " order by object, record_id nulls first, payload_hash",
                [run_id],
            ).fetchall()
        ]


def readings_of_run(raw: Path, run_id: str) -> list[Reading]:
    """What this run read completely, in a stable order."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return [
            Reading(system, *row)
            for system in _systems(connection)
            for row in connection.execute(
                "select entity, coalesce(calls, 0), coalesce(metered_reads, 0)"
                f" from raw_{system}.extractions where run_id = ? order by entity",
                [run_id],
            ).fetchall()
        ]


def known_entities(connection: duckdb.DuckDBPyConnection) -> list[KnownEntity]:
    """Every entity of every system that was ever read completely, in a stable order."""
    return [
        KnownEntity(system, entity, moment_of(read_at))
        for system in _systems(connection)
        for entity, read_at in connection.execute(
            f"select entity, epoch_us(max(extracted_at)) from raw_{system}.extractions"
            " group by entity order by entity"
        ).fetchall()
    ]


def failed_writes_of_run(raw: Path, run_id: str) -> list[FailedWrite]:
    """What this run could not write, as the copy of the ledger tells, in a stable order."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        try:
            rows = connection.execute(_FAILED_WRITES, [run_id]).fetchall()
        except duckdb.CatalogException:
            return []
    return [FailedWrite(*row) for row in rows]


def last_read_at(raw: Path, system: str, entity: str) -> datetime | None:
    """The vendor's clock when the newest complete reading of an entity began; None without any.

    Raises StorageError naming the program that holds the file, after a bounded wait.
    """
    if not raw.exists():
        return None
    with duckdb.connect() as connection:
        attach_for_reading(connection, raw, "raw")
        connection.execute("use raw")
        known = {(known.system, known.entity): known for known in known_entities(connection)}
    return known[system, entity].read_at if (system, entity) in known else None


def stale_entities_of_run(raw: Path, run_id: str) -> list[StaleEntity]:
    """The entities that this run failed to read, in a stable order."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return [
            StaleEntity(system, entity, reason, None if read_at is None else moment_of(read_at))
            for system in _systems(connection)
            for entity, reason, read_at in connection.execute(
                f"select entity, reason, epoch_us(last_read_at) from raw_{system}.failures"
                " where run_id = ? order by entity",
                [run_id],
            ).fetchall()
        ]


def _systems(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select schema_name[5:] from duckdb_tables()"
        " where schema_name like 'raw!_%' escape '!' and table_name = 'extractions'"
        " group by all order by all"
    ).fetchall()
    return [system for (system,) in rows]
