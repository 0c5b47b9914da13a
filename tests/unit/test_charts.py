"""Charts show what is in the mart, as an image that needs no network."""

import base64
import re
from collections.abc import Iterator

import duckdb
import pytest

from q2c_pipeline.defs.finance.charts import picture


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema finance;
            create table finance.dso (
                entity varchar, month_end date, segment varchar, dso_standard decimal(18, 2),
                dso_countback decimal(18, 2), dso_best_possible decimal(18, 2)
            );
            create table finance.ar_open_items (
                entity varchar, as_of_date date, bucket varchar, open_amount_home decimal(18, 2)
            );
            create schema revenue;
            create table revenue.pipeline_to_cash_bridge (
                entity varchar, month date, section varchar, category varchar, position integer,
                amount_home decimal(18, 2), is_complete boolean
            );
            """
        )
        yield connection


def drawing(markdown: str | None) -> str:
    match = re.fullmatch(r"!\[.+\]\(data:image/svg\+xml;base64,(.+)\)", markdown or "")
    assert match
    return base64.b64decode(match[1]).decode()


def test_dso_is_drawn_with_its_measures(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into finance.dso values ('r', '2026-01-31', 'all', 75, 74.5, 45),"
        " ('r', '2026-02-28', 'all', 60, null, 40), ('r', '2026-02-28', 'Retail', 999, 999, 999)"
    )
    svg = drawing(picture("finance.dso", connection))
    assert "Jan 2026; days: 74.5; series: count-back" in svg
    for measure in ("standard", "count-back", "best possible"):
        assert measure in svg
    assert "1,000" not in svg


def test_receivables_are_drawn_by_bucket(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "insert into finance.ar_open_items values ('r', '2026-01-31', 'current', 1000000),"
        " ('r', '2026-01-31', '90+', 500000), ('r', '2026-02-10', 'current', 9000000)"
    )
    svg = drawing(picture("finance.ar_aging", connection))
    assert "Jan 2026; home currency: 500000; series: 90+" in svg
    assert "Jan 2026; home currency: 1000000; series: current" in svg
    assert "9000000" not in svg


def test_the_bridge_is_drawn_as_a_waterfall_of_its_last_complete_month(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "insert into revenue.pipeline_to_cash_bridge values"
        " ('r', '2026-01-01', 'B', 'opening', 1, 555, true),"
        " ('r', '2026-02-01', 'B', 'opening', 1, 100, true),"
        " ('r', '2026-02-01', 'B', 'to_backlog', 2, -40, true),"
        " ('r', '2026-02-01', 'B', 'churn', 3, 0, true),"
        " ('r', '2026-02-01', 'B', 'closing', 4, 60, true),"
        " ('r', '2026-03-01', 'B', 'opening', 1, 777, false)"
    )
    svg = drawing(picture("revenue.pipeline_to_cash_bridge", connection))
    assert "Bookings to billings, February 2026" in svg
    assert "step: to backlog; home currency: 100; ends: 60; kind: less" in svg
    assert "step: closing; home currency: 0; ends: 60; kind: level" in svg
    for left_out in ("churn", "555", "777"):
        assert left_out not in svg


def test_nothing_is_drawn_of_an_empty_mart_or_one_without_a_chart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert picture("finance.dso", connection) is None
    assert picture("finance.customers", connection) is None
