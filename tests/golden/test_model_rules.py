"""The rules of the models one by one: dbt's own unit tests, which a production build leaves out."""

import json
from pathlib import Path

import pytest

from tests.golden.models import outcomes, run_dbt
from tests.golden.raw_company import write_raw

UNIT_TEST = "unit_test."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose models were built, and their rules tested, from books with nothing in them."""
    home = tmp_path_factory.mktemp("rules")
    write_raw(home / "raw.duckdb", [], as_of_date="2026-03-31")
    run_dbt(home, "build", as_of_date="2026-03-31")
    return home


def test_every_rule_holds(home: Path) -> None:
    declared = json.loads((home / "target" / "manifest.json").read_text())["unit_tests"]
    results = {id: status for id, status in outcomes(home).items() if id.startswith(UNIT_TEST)}
    assert declared
    assert results == dict.fromkeys(declared, "pass")


def test_books_with_nothing_in_them_build(home: Path) -> None:
    models = {id: status for id, status in outcomes(home).items() if not id.startswith(UNIT_TEST)}
    assert set(models.values()) == {"success", "pass"}
