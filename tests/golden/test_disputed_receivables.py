"""Books that contradict QuickBooks' own reports: the difference is shown, and publishing stops."""

from pathlib import Path

import pytest

from tests.golden.models import outcomes, run_dbt
from tests.golden.raw_company import Company, write_raw
from tests.golden.statements import FOLDER, documents, expected_rows, shown_rows

AS_OF_DATE = "2026-03-31"
SCENARIO = "payment_without_its_lines"
GIVEN = FOLDER / "disputes" / SCENARIO


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("disputes")
    records = documents(FOLDER / "chart") | documents(GIVEN / "given")
    write_raw(home / "raw.duckdb", [Company(SCENARIO, records)], as_of_date=AS_OF_DATE)
    ran = run_dbt(home, "run", "--select", "+exceptions", as_of_date=AS_OF_DATE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return home


@pytest.mark.parametrize("mart", ["finance.tie_outs", "controls.exceptions"])
def test_the_dispute_is_shown_where_it_stands(mart: str, home: Path) -> None:
    columns, expected = expected_rows(GIVEN / "expected" / f"{mart.split('.')[1]}.csv")
    shown = shown_rows(home / "warehouse.duckdb", mart, columns, SCENARIO)
    assert shown == expected, (GIVEN / "story.md").read_text()


def test_the_dispute_stops_publishing(home: Path) -> None:
    tested = run_dbt(
        home, "test", "--select", "assert_receivables_tie_to_quickbooks", as_of_date=AS_OF_DATE
    )
    assert tested.returncode != 0
    assert outcomes(home) == {"test.q2c.assert_receivables_tie_to_quickbooks": "fail"}
