"""Each scenario is a small story: vendor documents in, receivable statements out, to the cent.

One dbt run builds them all, for the entity is the scenario's name. `story.md` says what happens.
"""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, write_raw

FOLDER = Path(__file__).parent
AS_OF_DATE = "2026-03-31"
SCENARIOS = sorted(story.parent.name for story in FOLDER.glob("*/story.md"))
STATEMENTS = ("ar_open_items", "ar_aging")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("golden")
    chart = _documents(FOLDER / "chart")
    write_raw(
        home / "raw.duckdb",
        (Company(name, chart | _documents(FOLDER / name / "given")) for name in SCENARIOS),
        as_of_date=AS_OF_DATE,
    )
    build_models(home, "+ar_aging", "assert_open_amounts_stay_within_totals", as_of_date=AS_OF_DATE)
    return home / "warehouse.duckdb"


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_statement_is_right_to_the_cent(scenario: str, statement: str, warehouse: Path) -> None:
    header, *expected = _rows(FOLDER / scenario / "expected" / f"{statement}.csv")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = ", ".join(f"{column}::varchar" for column in header)
        shown = connection.execute(
            f"select {columns} from finance.{statement} where entity = ?", [scenario]
        ).fetchall()
    lines = sorted(" | ".join(row) for row in shown)
    story = (FOLDER / scenario / "story.md").read_text()
    assert lines == sorted(" | ".join(row) for row in expected), f"{story}{' | '.join(header)}"


def _documents(folder: Path) -> dict[str, list[dict[str, object]]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))
