"""Readiness of the made-up company is what its answers say, for every unit and every gate."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.pipeline.conftest import PublishedHome, give_company, run_q2c

SEEDS, INVOICES = (1, 2, 3), 3000
FAILED = "failed"

Judged = dict[tuple[str, str | None], tuple[bool, list[str]]]
"""Whether a unit is ready and which gates it fails, by deal and instalment."""


def _expected(company: Path) -> Judged:
    return {
        (unit["opportunity_id"], unit["instalment_id"]): (
            unit["ready"],
            sorted(unit["failed_gates"]),
        )
        for unit in json.loads((company / "answers" / "billing.json").read_text())
    }


def _published(home: Path) -> Judged:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        shown = connection.execute("from billing.readiness where won_date >= '2026-05-01'")
        names = [column[0] for column in shown.description]
        units = [dict(zip(names, row, strict=True)) for row in shown.fetchall()]
    return {
        (unit["deal_id"], unit["instalment_id"]): (
            unit["is_ready"],
            sorted(
                name.removesuffix("_gate")
                for name, status in unit.items()
                if name.endswith("_gate") and status == FAILED
            ),
        )
        for unit in units
    }


def test_each_unit_is_judged_as_the_answers_say(
    published_home: PublishedHome, small_company: Path
) -> None:
    expected = _expected(small_company)
    assert _published(published_home.folder) == expected
    assert {is_ready for is_ready, _ in expected.values()} == {True, False}


def test_what_may_be_billed_is_what_is_ready(
    published_home: PublishedHome, small_company: Path
) -> None:
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        billable = connection.execute(
            "select deal_id, instalment_id from billing.billable_deals"
        ).fetchall()
    ready = [unit for unit, (is_ready, _) in _expected(small_company).items() if is_ready]
    assert sorted(billable, key=str) == sorted(ready, key=str)


def test_each_failed_gate_of_what_is_to_be_billed_is_an_exception(
    published_home: PublishedHome,
) -> None:
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        listed = connection.execute(
            "select distinct type, subject_id from controls.exceptions where type like 'gate_%'"
        ).fetchall()
    gates = {
        (f"gate_{gate}", deal_id)
        for (deal_id, _), (_, failed) in _published(published_home.folder).items()
        if "not_billed_yet" not in failed
        for gate in failed
    }
    assert gates
    assert gates <= set(listed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_larger_companies_are_judged_as_the_answers_say(
    seed: int, is_whole_proof: bool, tmp_path: Path
) -> None:
    if not is_whole_proof:
        pytest.skip("a part of `make prove`")
    company, home = tmp_path / "company", tmp_path / "home"
    generate(company, seed=seed, invoices=INVOICES)
    give_company(home, company)
    run = run_q2c(home, "run")
    assert run.returncode == 0, run.stderr
    assert _published(home) == _expected(company)
    shutil.rmtree(home)
