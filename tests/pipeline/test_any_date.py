"""What was open at any date is asked of the published file, without a rebuild."""

from datetime import date

import duckdb
import pytest

from tests.pipeline.conftest import PublishedHome, run_q2c

STATEMENTS = ("ar_open_items", "ar_aging")
BEFORE_ALL_BOOKS, LONG_AFTER = date(1999, 12, 31), date(2099, 12, 31)


@pytest.fixture
def marts(published_home: PublishedHome) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_date_asked_for_says_what_the_mart_says_of_it(
    statement: str, marts: duckdb.DuckDBPyConnection
) -> None:
    dates = marts.execute(f"select distinct as_of_date from finance.{statement}").fetchall()
    assert len(dates) > 12
    for (day,) in dates:
        published = marts.sql(f"from finance.{statement} where as_of_date = '{day}' order by all")
        asked = marts.sql(f"from finance.{statement}_as_of(date '{day}') order by all")
        assert (asked.columns, asked.types) == (published.columns, published.types)
        assert asked.fetchall() == published.fetchall()


def test_before_the_first_document_nothing_is_open_and_later_all_that_was_left_is_old(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    before = marts.sql(f"from finance.ar_open_items_as_of(date '{BEFORE_ALL_BOOKS}')").fetchall()
    after = marts.sql(
        "select count(*), count(distinct bucket), min(days_past_due)"
        f" from finance.ar_open_items_as_of('{LONG_AFTER}')"
    ).fetchall()

    assert before == []
    [(documents, buckets, days)] = after
    assert (documents > 0, buckets, days > 20_000) == (True, 1, True)


def test_the_command_asks_for_any_day(published_home: PublishedHome) -> None:
    asked = run_q2c(
        published_home.folder,
        "query",
        "select distinct as_of_date from finance.ar_open_items_as_of(date '2026-02-17')",
        "--format",
        "csv",
    )

    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.splitlines()[1:] == ["2026-02-17"]
