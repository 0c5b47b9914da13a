"""The published marts: built aside, verified, then put in place in one step.

Belongs here: copying finished tables, each in an order of its own, and the functions that
read them. Does not belong here: what they mean.
A reader holds the file it opened; the next one opens the new file. Nobody waits for anybody.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.home import flush_to_disk, writing_to

STORAGE_VERSION = "v1.0.0"
"""The oldest format DuckDB 1.x writes, so that every 1.x client opens the file."""


class Mart(NamedTuple):
    """One table to publish, with what its columns mean.

    Rows are stored in an order of their own, whatever order they were built in: by
    ``reading_order``, SQL for what a reader wants to see first, then by ``grain``, the columns
    whose values no two rows share.
    """

    schema: str
    name: str
    description: str
    column_descriptions: dict[str, str]
    grain: tuple[str, ...]
    reading_order: str | None = None


class TableFunction(NamedTuple):
    """A query with parameters over published tables, published beside them."""

    schema: str
    name: str
    description: str


def publish(
    warehouse: Path,
    target: Path,
    marts: Sequence[Mart],
    functions: Sequence[TableFunction] = (),
) -> dict[str, int]:
    """Replace ``target`` by the named tables and functions of ``warehouse``; rows by table name.

    ``target`` is untouched unless every table arrived with every row.
    Raises StorageError when a table is missing or the file cannot be written.
    """
    building = target.with_name(f".{target.name}.{os.getpid()}")
    _remove_leftovers(target)
    try:
        with writing_to(target):
            counts = _build(warehouse, building, marts, functions)
            flush_to_disk(building)
            os.replace(building, target)
            flush_to_disk(target.parent)
    except duckdb.Error as error:
        raise StorageError(
            f"The marts could not be written beside {target}: {error}. The marts published"
            " before are as they were."
        ) from error
    finally:
        building.unlink(missing_ok=True)
    return counts


def _build(
    warehouse: Path, building: Path, marts: Sequence[Mart], functions: Sequence[TableFunction]
) -> dict[str, int]:
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
            order = ", ".join(filter(None, (mart.reading_order, *map(_name, mart.grain))))
            connection.execute(
                f"create table marts.{table} as from warehouse.{table} order by {order}"
            )
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
        # A function names its tables without a database: it finds them in the one in use.
        connection.execute("use marts")
        for function in functions:
            _copy_function(connection, function)
        connection.execute("use memory")
        connection.execute("detach marts")
    return counts


def _copy_function(connection: duckdb.DuckDBPyConnection, function: TableFunction) -> None:
    found = connection.execute(
        "select parameters, macro_definition from duckdb_functions()"
        " where database_name = 'warehouse' and schema_name = $1 and function_name = $2",
        [function.schema, function.name],
    ).fetchall()
    if not found:
        raise StorageError(
            f"{function.schema}.{function.name} is not in the warehouse, so nothing was published."
            " Run again."
        )
    [(parameters, definition)] = found
    name = f"{_name(function.schema)}.{_name(function.name)}"
    connection.execute(
        f"create macro {name}({', '.join(map(_name, parameters))}) as table {definition}"
    )
    connection.execute(f"comment on macro table {name} is {_text(function.description)}")


def _remove_leftovers(target: Path) -> None:
    """A publisher that was killed leaves its unfinished file; only one publisher runs at a time."""
    for leftover in target.parent.glob(f".{target.name}.*"):
        leftover.unlink(missing_ok=True)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
