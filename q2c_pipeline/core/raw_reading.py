"""What later steps ask the raw store, without writing to it.

Belongs here: questions about runs. Does not belong here: payloads, which staging reads.
"""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, cast

import duckdb

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.warehouse import moment_of


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
    with duckdb.connect(str(raw), read_only=True) as connection:
        extractions = " union all ".join(
            f"from raw_{system}.extractions" for system in _systems(connection)
        )
        found = connection.execute(
            f"select as_of_date from ({extractions})"
            " order by home_currency is null, extracted_at desc limit 1"
        ).fetchone()
    if found:
        return cast(date, found[0])
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
        "select schema_name[5:] from duckdb_schemas() where schema_name like 'raw!_%' escape '!'"
        " group by all order by all"
    ).fetchall()
    return [system for (system,) in rows]
