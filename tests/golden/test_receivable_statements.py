"""Each scenario is a small story: vendor documents in, receivable statements out, to the cent.

One dbt run builds them all, for the entity is the scenario's name. `story.md` says what happens.
"""

from pathlib import Path

import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, write_raw
from tests.golden.statements import FOLDER, documents, expected_rows, shown_rows, source_of

AS_OF_DATE = "2026-03-31"
SCENARIOS = sorted(story.parent.name for story in FOLDER.glob("*/story.md"))
STATEMENTS = sorted(
    (path.parents[1].name, path.stem)
    for path in FOLDER.glob("*/expected/*.csv")
    if path.stem != "exceptions"
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("golden")
    chart = documents(FOLDER / "chart")
    write_raw(
        home / "raw.duckdb",
        (Company(name, chart | documents(FOLDER / name / "given")) for name in SCENARIOS),
        as_of_date=AS_OF_DATE,
    )
    names = {"exceptions"} | {statement for _, statement in STATEMENTS}
    models = sorted(f"+{source_of(name).model}" for name in names)
    build_models(home, *models, as_of_date=AS_OF_DATE)
    return home / "warehouse.duckdb"


@pytest.mark.parametrize(("scenario", "statement"), STATEMENTS)
def test_the_statement_is_right_to_the_cent(scenario: str, statement: str, warehouse: Path) -> None:
    columns, expected = expected_rows(FOLDER / scenario / "expected" / f"{statement}.csv")
    story = (FOLDER / scenario / "story.md").read_text()
    shown = shown_rows(warehouse, source_of(statement).relation, columns, scenario)
    assert shown == expected, f"{story}{' | '.join(columns)}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_wrong_is_flagged_and_nothing_else(scenario: str, warehouse: Path) -> None:
    path = FOLDER / scenario / "expected" / "exceptions.csv"
    columns, expected = expected_rows(path) if path.exists() else (["type", "subject_id"], [])
    shown = shown_rows(warehouse, source_of("exceptions").relation, columns, scenario)
    assert shown == expected, (FOLDER / scenario / "story.md").read_text()
