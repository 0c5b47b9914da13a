"""Scenarios on disk: vendor documents given, statements expected.

Belongs here: reading a scenario's files. Does not belong here: building or comparing.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

FOLDER = Path(__file__).parent


class Source(NamedTuple):
    """The model that a statement needs, and the relation that shows it."""

    model: str
    relation: str


BRIDGE = """(
    select entity, month, section, category, sum(amount_home) as amount_home
    from intermediate.int_bridge__billings_to_cash
    group by all
    having sum(amount_home) <> 0
)"""
MEASURES = """(
    select * from revenue.operational_measures
    where segment = 'all' and value <> 0 and measure not like '%_concentration_%'
)"""
NOT_OF_FINANCE = {
    "exceptions": Source("exceptions", "controls.exceptions"),
    "bridge": Source("int_bridge__billings_to_cash", BRIDGE),
    "operational_measures": Source("operational_measures", MEASURES),
}


def source_of(statement: str) -> Source:
    """Where a statement comes from, by the name of the CSV file that expects it."""
    return NOT_OF_FINANCE.get(statement, Source(statement, f"finance.{statement}"))


def documents(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The records of a folder by vendor object."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def expected_rows(path: Path) -> tuple[list[str], list[str]]:
    """The columns of an expected statement, and its rows as lines a person can compare."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, lines(rows)


def shown_rows(warehouse: Path, relation: str, columns: Sequence[str], entity: str) -> list[str]:
    """The same lines of the relation that was built, for one entity; null is nothing."""
    selected = ", ".join(f"coalesce({column}::varchar, '')" for column in columns)
    # A scenario's customers state no balance, so only what else differs is told.
    told = " and root_cause <> 'customer_balance'" if relation.endswith(".exceptions") else ""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            f"select {selected} from {relation} where entity = ?{told}", [entity]
        )
        return lines(rows.fetchall())


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    return sorted(" | ".join(row) for row in rows)
