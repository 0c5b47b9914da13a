"""The published marts: built aside, verified, then put in place in one step.

Belongs here: copying finished tables. Does not belong here: what the tables mean.
A reader holds the file it opened; the next one opens the new file. Nobody waits for anybody.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.home import writing_to

STORAGE_VERSION = "v1.0.0"
"""The oldest format DuckDB 1.x writes, so that every 1.x client opens the file."""


class Mart(NamedTuple):
    """One table to publish, with what its columns mean."""

    schema: str
    name: str
    description: str
    column_descriptions: dict[str, str]


def publish(warehouse: Path, target: Path, marts: Sequence[Mart]) -> dict[str, int]:
    """Replace ``target`` by the named tables of ``warehouse``; rows by table name.

    ``target`` is untouched unless every table arrived with every row.
    Raises StorageError when a table is missing or the file cannot be written.
    """
    building = target.with_name(f".{target.name}.{os.getpid()}")
    _remove_leftovers(target)
    try:
        with writing_to(target):
            counts = _build(warehouse, building, marts)
            _flush_to_disk(building)
            os.replace(building, target)
            _flush_to_disk(target.parent)
    except duckdb.Error as error:
        raise StorageError(
            f"The marts could not be written beside {target}: {error}. The marts published"
            " before are as they were."
        ) from error
    finally:
        building.unlink(missing_ok=True)
    return counts


def _build(warehouse: Path, building: Path, marts: Sequence[Mart]) -> dict[str, int]:
    counts = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(str(warehouse))} as warehouse (read_only)")
        connection.execute(
            f"attach {_text(str(building))} as marts (storage_version {_text(STORAGE_VERSION)})"
        )
        for schema in sorted({mart.schema for mart in marts}):
            connection.execute(f"create schema marts.{_name(schema)}")
        for mart in marts:
            table = f"{_name(mart.schema)}.{_name(mart.name)}"
            connection.execute(f"create table marts.{table} as from warehouse.{table}")
            connection.execute(f"comment on table marts.{table} is {_text(mart.description)}")
            for column, description in mart.column_descriptions.items():
                connection.execute(
                    f"comment on column marts.{table}.{_name(column)} is {_text(description)}"
                )
            ours, theirs = connection.execute(
                f"select (select count(*) from marts.{table}),"
                f" (select count(*) from warehouse.{table})"
            ).fetchall()[0]
            if ours != theirs:
                raise StorageError(
                    f"{mart.schema}.{mart.name} has {theirs} rows and {ours} of them arrived;"
                    " nothing was published. Run again."
                )
            counts[f"{mart.schema}.{mart.name}"] = ours
        connection.execute("detach marts")
    return counts


def _remove_leftovers(target: Path) -> None:
    """A publisher that was killed leaves its unfinished file; only one publisher runs at a time."""
    for leftover in target.parent.glob(f".{target.name}.*"):
        leftover.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
