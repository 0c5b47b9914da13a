"""The made-up company: ties at every month-end, costs nothing when idle, stops when it lies."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.pipeline.conftest import PublishedHome, run_q2c


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_summary_tells_records_receivables_and_tie_outs(
    published_home: PublishedHome,
) -> None:
    home, printed, _ = published_home
    total = rows(
        home,
        "select sum(open_amount_home) from finance.ar_open_items"
        " where as_of_date = (select max(as_of_date) from finance.ar_open_items)",
    )[0][0]

    assert f"{total:,.2f}" in printed
    for expected in ("Records", "quickbooks", "salesforce", "Receivables as of", "Tied to"):
        assert expected in printed


def test_receivables_tie_per_customer_at_24_month_ends_in_both_currencies(
    published_home: PublishedHome,
) -> None:
    found = rows(
        published_home.folder,
        """
        select currency, count(distinct as_of_date) >= 24, max(abs(difference))::varchar
        from finance.tie_outs
        where measure = 'aged_receivables' and customer_id is not null
            and (currency <> 'USD' or customer_id not in (
                select customer_id from finance.customers where currency <> 'USD'
            ))
        group by currency order by currency
        """,
    )

    assert found == [("EUR", True, "0.00"), ("USD", True, "0.00")]


def test_home_currency_ties_within_the_named_rounding(published_home: PublishedHome) -> None:
    found = rows(
        published_home.folder,
        "select distinct measure from finance.tie_outs"
        " where measure <> 'customer_balance' and abs(difference) <= rounding_allowance"
        " order by all",
    )
    beyond = rows(
        published_home.folder,
        "select * from finance.tie_outs where abs(difference) > rounding_allowance",
    )

    assert found == [("aged_receivables",), ("ar_control_account",)]
    assert beyond == []


def test_receivables_are_what_the_company_was_made_with(
    published_home: PublishedHome, small_company: Path
) -> None:
    truth = str(small_company / "answers" / "receivables.csv")
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        differing = connection.execute(
            """
            with truth as (
                select customer_id, currency, as_of_date, open_amount
                from read_csv(?, types = {
                    'customer_id': 'varchar', 'as_of_date': 'date',
                    'open_amount': 'decimal(18, 2)'
                })
                where open_amount <> 0
            ),
            ours as (
                select customer_id, currency, as_of_date, total as open_amount
                from finance.ar_aging
                where total <> 0 and as_of_date in (select as_of_date from truth)
            )
            (from truth except from ours) union all (from ours except from truth)
            """,
            [truth],
        ).fetchall()
        compared = connection.execute(
            "select count(distinct as_of_date) from read_csv(?)", [truth]
        ).fetchall()

    assert compared[0][0] >= 24
    assert differing == []


def is_cash_for_one_invoice(payment: dict[str, Any]) -> bool:
    lines = payment.get("Line", [])
    return payment.get("TotalAmt", 0) > 0 and len(lines) == 1


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_a_broken_application_stops_publishing(home: Path) -> None:
    published = (home / "marts.duckdb").read_bytes()
    with duckdb.connect(str(home / "raw.duckdb")) as raw:
        payments = raw.execute(
            "select entity, record_id, max(version), arg_max(payload::varchar, version)"
            " from raw_quickbooks.payments group by entity, record_id order by record_id"
        ).fetchall()
        entity, record_id, version, payment = next(
            (entity, record_id, version, json.loads(payload))
            for entity, record_id, version, payload in payments
            if is_cash_for_one_invoice(json.loads(payload))
        )
        payment["Line"] = []
        raw.execute(
            "insert into raw_quickbooks.payments"
            " select entity, record_id, ?, source_updated_at, is_deleted, ?, 'broken',"
            " extracted_at, run_id from raw_quickbooks.payments"
            " where entity = ? and record_id = ? and version = ?",
            [version + 1, json.dumps(payment), entity, record_id, version],
        )

    broken = run_q2c(home, "run")

    assert broken.returncode != 0
    assert "assert_receivables_tie_to_quickbooks" in broken.stderr
    assert "Traceback" not in broken.stderr + broken.stdout
    assert (home / "marts.duckdb").read_bytes() == published
