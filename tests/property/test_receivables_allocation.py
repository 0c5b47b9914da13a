"""Whatever a payment ties together, allocation loses nothing and invents nothing.

Many made-up companies are built by one dbt run; the laws hold for each document at each date.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, write_raw

COMPANIES = 150
FIRST_DATE = date(2025, 12, 1)
AS_OF_DATE = "2026-03-31"
CHART = {
    "Preferences": [{"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}],
    "Customer": [{"Id": "1", "DisplayName": "Brakken Ltd", "CurrencyRef": {"value": "USD"}}],
}
Records = dict[str, list[dict[str, Any]]]


def made_up_books(random_source: random.Random) -> Records:
    """Invoices, credit memos and payments whose links never exceed what is left of a document."""
    charges = _documents(random_source, range(1, random_source.randint(2, 5)))
    credits = _documents(random_source, range(21, 21 + random_source.randint(0, 3)))
    left = {record["Id"]: cents(record["TotalAmt"]) for record in [*charges, *credits]}
    payments = []
    for payment_id in range(41, 41 + random_source.randint(1, 4)):
        settled = _shares(random_source, left, charges)
        used = _shares(random_source, left, credits)
        cash = sum(settled.values()) - sum(used.values())
        if cash < 0:
            used, cash = {}, sum(settled.values())
        for record_id, amount in [*settled.items(), *used.items()]:
            left[record_id] -= amount
        unapplied = random_source.choice([0, 0, 1, 2500])
        links = [("Invoice", *link) for link in settled.items()]
        links += [("CreditMemo", *link) for link in used.items()]
        random_source.shuffle(links)
        payments.append(
            _document(random_source, payment_id, cash + unapplied)
            | {
                "UnappliedAmt": amount_of(unapplied),
                "Line": [
                    {
                        "Amount": amount_of(amount),
                        "LinkedTxn": [{"TxnId": record_id, "TxnType": kind}],
                    }
                    for kind, record_id, amount in links
                ],
            }
        )
    return {"Invoice": charges, "CreditMemo": credits, "Payment": payments}


def amount_of(cents: int) -> float:
    """As JSON writes it; exact, for a double holds two decimals of any amount used here."""
    return cents / 100


def cents(amount: float) -> int:
    return round(amount * 100)


def _documents(random_source: random.Random, ids: range) -> list[dict[str, Any]]:
    return [_document(random_source, id, random_source.randint(1, 50_000)) for id in ids]


def _document(random_source: random.Random, id: int, total_cents: int) -> dict[str, Any]:
    txn_date = FIRST_DATE + timedelta(days=random_source.randint(0, 100))
    return {
        "Id": str(id),
        "CustomerRef": {"value": "1"},
        "TxnDate": txn_date.isoformat(),
        "TotalAmt": amount_of(total_cents),
    }


def _shares(
    random_source: random.Random, left: dict[str, int], records: list[dict[str, Any]]
) -> dict[str, int]:
    wanted = random_source.sample(records, random_source.randint(0, len(records)))
    return {
        record["Id"]: random_source.randint(1, left[record["Id"]])
        for record in wanted
        if left[record["Id"]]
    }


@pytest.fixture(scope="module")
def books() -> dict[str, Records]:
    return {f"company-{seed}": made_up_books(random.Random(seed)) for seed in range(COMPANIES)}


@pytest.fixture(scope="module")
def warehouse(
    books: dict[str, Records], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("allocation")
    companies = [Company(entity, CHART | records) for entity, records in books.items()]
    write_raw(home / "raw.duckdb", companies, as_of_date=AS_OF_DATE)
    build_models(home, "+ar_aging", "assert_open_amounts_stay_within_totals", as_of_date=AS_OF_DATE)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def test_a_document_ends_with_its_total_less_everything_linked_to_it(
    books: dict[str, Records], warehouse: duckdb.DuckDBPyConnection
) -> None:
    expected: dict[tuple[str, str], Decimal] = {}
    for entity, records in books.items():
        linked: dict[str, int] = defaultdict(int)
        for payment in records["Payment"]:
            for line in payment["Line"]:
                linked[line["LinkedTxn"][0]["TxnId"]] += cents(line["Amount"])
            expected[entity, payment["Id"]] = Decimal(-cents(payment["UnappliedAmt"])) / 100
        for kind, sign in (("Invoice", 1), ("CreditMemo", -1)):
            for record in records[kind]:
                left = cents(record["TotalAmt"]) - linked[record["Id"]]
                expected[entity, record["Id"]] = Decimal(sign * left) / 100
    shown = warehouse.execute(
        "select entity, document_id, open_amount from finance.ar_open_items where as_of_date = ?",
        [AS_OF_DATE],
    ).fetchall()
    assert {(entity, id): amount for entity, id, amount in shown} == {
        key: amount for key, amount in expected.items() if amount
    }


def test_at_every_date_open_amounts_add_up_to_the_totals_dated_by_then(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Both sides of an application count from one date, so it can never change a sum."""
    assert (
        warehouse.execute(
            """
            with stated as (
                select entity, as_of_date, sum(open_amount) as open_amount
                from finance.ar_open_items group by all
            ),
            dated as (
                select dates.entity, dates.as_of_date, sum(documents.total) as total
                from intermediate.int_ledger__as_of_dates as dates
                inner join intermediate.int_ledger__documents_unioned as documents
                    on documents.entity = dates.entity
                    and documents.txn_date <= dates.as_of_date
                group by all
            )
            select * from dated left join stated using (entity, as_of_date)
            where total <> coalesce(open_amount, 0)
            """
        ).fetchall()
        == []
    )


def test_no_application_counts_before_the_documents_it_ties_exist(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    early = warehouse.execute(
        """
        select applications.*
        from intermediate.int_ledger__applications as applications
        inner join intermediate.int_ledger__documents_unioned as documents
            on applications.entity = documents.entity
            and documents.document_id in (
                applications.payment_id,
                applications.source_document_id,
                applications.target_document_id
            )
        where documents.txn_date > applications.effective_date
        """
    ).fetchall()
    counted = warehouse.execute(
        "select count(*) from intermediate.int_ledger__applications"
    ).fetchall()
    assert early == []
    assert counted[0][0] > COMPANIES
