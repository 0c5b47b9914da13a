"""Who is one customer: what the models say, beside what the made-up company was made with."""

from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.pipeline.conftest import PublishedHome, give_company, run_q2c

SEEDS, INVOICES = (1, 2, 3), 3_000
PRECISION_MIN, RECALL_MIN, RECALL_WITH_REVIEW_MIN = 0.98, 0.95, 0.98
PAIR = ", ".join(
    f"{side}_{part}" for side in ("left", "right") for part in ("system", "entity", "id")
)


def judge(home: Path, company: Path) -> None:
    """Every trap stays apart, and what is called a duplicate or a link mostly is one."""
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        connection.execute(
            f"""
            create temp table judged as
            select truth.verdict as truth, truth.kind, ours.verdict as ours
            from (select * from read_csv(?, all_varchar = true)) as truth
            full join controls.duplicate_customers as ours using ({PAIR})
            """,
            [str(company / "answers" / "duplicates.csv")],
        )

        def count(condition: str) -> int:
            row = connection.execute(f"select count(*) from judged where {condition}").fetchone()
            assert row is not None
            return int(row[0])

        for verdict in ("duplicate", "link"):
            right = count(f"truth = '{verdict}' and ours = '{verdict}'")
            assert right >= PRECISION_MIN * count(f"ours = '{verdict}'")
            assert right >= RECALL_MIN * count(f"truth = '{verdict}'")
        assert count("truth = 'duplicate' and ours in ('duplicate', 'review')") >= (
            RECALL_WITH_REVIEW_MIN * count("truth = 'duplicate'")
        )
        assert count("truth = 'different'") > 0
        assert count("truth = 'different' and ours in ('duplicate', 'link')") == 0


def test_customers_entered_twice_are_found_and_lookalikes_kept_apart(
    published_home: PublishedHome, small_company: Path
) -> None:
    judge(published_home.folder, small_company)


def test_each_customer_entered_twice_is_an_exception_with_its_money(
    published_home: PublishedHome,
) -> None:
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        clusters = connection.execute(
            "select oldest_id, entity, money_at_risk_home from controls.duplicate_clusters"
        ).fetchall()
        listed = connection.execute(
            "select subject_id, entity, amount_home from controls.exceptions"
            " where type = 'duplicate_customer'"
        ).fetchall()
    assert any(amount > 0 for _, _, amount in clusters)
    assert sorted(listed) == sorted(clusters)


def test_tax_ids_stay_out_of_what_is_published(
    published_home: PublishedHome, small_company: Path
) -> None:
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        certificates = connection.execute(
            "select distinct Tax_Certificate__c from read_json(?)"
            " where Tax_Certificate__c is not null",
            [str(small_company / "salesforce" / "Account.json")],
        ).fetchall()
        told = connection.execute(
            "select string_agg(reasons, ' ') from controls.duplicate_customers"
        ).fetchall()[0][0]
    assert certificates
    assert [text for (text,) in certificates if text in told] == []


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
@pytest.mark.parametrize("seed", SEEDS)
def test_customers_of_larger_companies_are_told_apart(seed: int, tmp_path: Path) -> None:
    company, home = tmp_path / "company", tmp_path / "home"
    generate(company, seed=seed, invoices=INVOICES)
    give_company(home, company)
    run = run_q2c(home, "run")
    assert run.returncode == 0, run.stderr
    judge(home, company)
