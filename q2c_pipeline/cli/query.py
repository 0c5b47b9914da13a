"""``q2c query``: SQL on the published marts.

Belongs here: asking and printing. Does not belong here: any SQL of our own.
"""

import csv
import sys
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import duckdb
import msgspec
import typer
from rich.console import Console
from rich.table import Table

from q2c_pipeline.cli.progress import live_line
from q2c_pipeline.core.errors import ConfigurationError, Q2CError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.policy import read_policy
from q2c_pipeline.settings import Settings

PIPED_WIDTH = 10_000
"""Columns of a line that no terminal bounds, so that nothing is cut off."""


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def query(
    sql: Annotated[str, typer.Argument(help="A query, such as: from finance.ar_aging")],
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    known_on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Ask the marts as they stand with what was known at the end of that day.",
        ),
    ] = None,
) -> None:
    """Ask the published marts. Reads only; a running refresh neither waits nor disturbs.

    With --known-on the marts are built from what had been read by the end of that day, in the
    company's time zone: late edits, voids and relinked payments of later days are not in them. The
    models and the policy are today's. The first question about a day takes as long as a build, the
    next ones no longer than any other; the five days asked for last are kept.

    Any other date of the books needs no --known-on:
    from finance.ar_open_items_as_of(date '2026-03-31').
    """
    home = Home(Settings.read().home_folder)
    names, rows = ask(home, sql) if known_on is None else ask_as_known(home, sql, known_on.date())
    match format:
        case Format.TABLE:
            _print_table(names, rows)
        case Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([_text(value) for value in row] for row in rows)
        case Format.JSON:
            print(_json([dict(zip(names, row, strict=True)) for row in rows]))


def ask(
    home: Home, sql: str, parameters: Mapping[str, object] | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of a query on the published marts.

    Raises ConfigurationError before the first publication, Q2CError when the query is refused.
    """
    if not home.marts.exists():
        raise ConfigurationError(
            f"Nothing is published in {home.folder} yet. `q2c run` publishes; Q2C_HOME names"
            " another home."
        )
    return _ask_file(home.marts, sql, parameters)


def ask_as_known(home: Home, sql: str, day: date) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The same of the marts as known at the end of ``day``, which are built if need be.

    Raises Q2CError as ``marts_known_on`` does, and when the query is refused.
    """
    from q2c_pipeline.orchestration.known_marts import marts_known_on

    with live_line() as tick:
        marts = marts_known_on(home, day, read_policy(), tell=say, tick=tick)
    return _ask_file(marts, sql)


def _ask_file(
    marts: Path, sql: str, parameters: Mapping[str, object] | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        with duckdb.connect(
            str(marts), read_only=True, config={"enable_external_access": "false"}
        ) as connection:
            connection.execute("set timezone = 'UTC'")
            if len(connection.extract_statements(sql)) != 1:
                raise Q2CError("Give one query, such as: from finance.ar_aging")
            result = connection.execute(sql, parameters)
            names = [column[0] for column in result.description or []]
            return names, result.fetchall()
    except duckdb.Error as error:
        raise Q2CError(f"The query could not be answered: {error}") from None


def _print_table(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    table = Table(*[], box=None, pad_edge=False)
    for position, name in enumerate(names):
        numeric = any(isinstance(row[position], int | Decimal | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*[_grouped(value) for value in row])
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(table)
    console.print("1 row" if len(rows) == 1 else f"{len(rows):,} rows")


def _grouped(value: Any) -> str:
    return f"{value:,}" if isinstance(value, Decimal) else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _json(rows: list[dict[str, Any]]) -> str:
    """JSON in which an amount is a number with all its digits, which a float could not keep."""
    encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
    return msgspec.json.format(encoder.encode(rows), indent=1).decode()
