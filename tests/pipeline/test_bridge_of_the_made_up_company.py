"""The bridge of the made-up company explains what was planted in its deals.

What a deal without any trace on its invoices was billed is a matter of likeness, so amounts are
held to the answers where all links of a deal were found; ``test_deal_links`` says how many are.
Currency effects are left out: the answers know the rate of every day, a company's books those of
the days on which something was written.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.conftest import PROJECT_ROOT
from tests.pipeline.conftest import PublishedHome, give_company, run_q2c

FOUND_SHARE_MIN = 0.98
SEEDS, INVOICES = (1, 2, 3), 3000
README_SEED = 1
EXAMPLES = re.findall(
    r'```\n\.venv/bin/q2c query "([^"]+)"\n```\n```\n(.+?)```',
    (PROJECT_ROOT / "README.md").read_text(),
    re.DOTALL,
)
"""Queries of the README with what they print on the company that `make run` makes up."""

PLANTED = """
    create temp table planted as
    select opportunity_id as deal_id, month, section, category, sum(amount_home) as amount_home
    from read_csv($folder || '/variances.csv', types = {
        'month': 'date', 'invoice_id': 'varchar', 'amount_home': 'decimal(18, 2)'
    })
    where note <> 'ordinary' and category <> 'fx'
    group by all
"""
SHOWN = """
    create temp table shown as
    select deal_id, month, section, category, sum(amount_home) as amount_home
    from revenue.bridge_contributions
    group by all
"""
LINKS_MISSED = """
    create temp table missed as
    select distinct truth.opportunity_id as deal_id
    from read_csv($folder || '/links.csv', types = {'invoice_id': 'varchar'}) as truth
    anti join (select * from revenue.deal_links where verdict = 'accepted') as links
        on truth.opportunity_id = links.deal_id and truth.invoice_id = links.invoice_id
"""
LEAKING = """
    create temp table leaking as
    select opportunity_id as deal_id, amount
    from read_csv($folder || '/leakage.csv', types = {'amount': 'decimal(18, 2)'})
"""


@pytest.fixture
def answered(
    published_home: PublishedHome, small_company: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    with _beside_answers(published_home.folder, small_company) as connection:
        yield connection


def _beside_answers(home: Path, company: Path) -> duckdb.DuckDBPyConnection:
    """The published marts with what the company was made with beside them."""
    connection = duckdb.connect()
    connection.execute(f"attach '{home / 'marts.duckdb'}' as marts (read_only)")
    connection.execute("use marts")
    connection.execute(SHOWN)
    for table in (PLANTED, LINKS_MISSED, LEAKING):
        connection.execute(table, {"folder": str(company / "answers")})
    return connection


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    found: int = connection.execute(f"select count(*) from ({sql})").fetchall()[0][0]
    return found


def assert_planted_variances_are_explained(connection: duckdb.DuckDBPyConnection) -> None:
    planted = _count(connection, "from planted")
    found = _count(connection, "from planted join shown using (deal_id, month, section, category)")
    wrong = connection.execute(
        """
        select planted.*, shown.amount_home as shown_home
        from planted
        left join shown using (deal_id, month, section, category)
        anti join missed using (deal_id)
        where shown.amount_home is distinct from planted.amount_home
        """
    ).fetchall()
    assert planted >= 40
    assert found / planted >= FOUND_SHARE_MIN
    assert wrong == []


def assert_leakage_is_found(connection: duckdb.DuckDBPyConnection) -> None:
    shown = connection.execute(
        "select subject_id, amount_home from controls.exceptions where type = 'revenue_leakage'"
        " order by all"
    ).fetchall()
    truth = connection.execute("from leaking order by all").fetchall()
    assert truth
    assert shown == truth


def test_planted_variances_have_their_category_and_amount(
    answered: duckdb.DuckDBPyConnection,
) -> None:
    assert_planted_variances_are_explained(answered)


def test_all_planted_leakage_is_found_and_no_other(answered: duckdb.DuckDBPyConnection) -> None:
    assert_leakage_is_found(answered)


def test_the_examples_of_the_readme_can_be_asked(published_home: PublishedHome) -> None:
    assert len(EXAMPLES) == 3
    for sql, _ in EXAMPLES:
        assert run_q2c(published_home.folder, "query", sql).returncode == 0


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_larger_companies_are_explained_too(
    seed: int, is_whole_proof: bool, tmp_path: Path
) -> None:
    if not is_whole_proof:
        pytest.skip("a part of `make prove`")
    company, home = tmp_path / "company", tmp_path / "home"
    generate(company, seed=seed, invoices=INVOICES)
    give_company(home, company)
    run = run_q2c(home, "run")
    assert run.returncode == 0, run.stderr
    with _beside_answers(home, company) as connection:
        assert_planted_variances_are_explained(connection)
        assert_leakage_is_found(connection)
    if seed == README_SEED:
        for sql, printed in EXAMPLES:
            assert run_q2c(home, "query", sql).stdout == printed
    shutil.rmtree(home)
