"""The cash forecast on made-up companies: honest about its width, and blind to what came later.

The companies know nothing of the method: customers pay by habits of their own.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.golden.models import build_models
from tests.golden.raw_company import QUICKBOOKS_OBJECTS, Company, write_raw

Records = dict[str, list[dict[str, Any]]]

AS_OF_DATE = "2026-07-02"
CUT_OFF = "2026-01-31"
SAMPLE = ((7, 700), (11, 700))
PROOF = tuple((seed, 3000) for seed in range(1, 7))
COVERAGE_PERCENT = (76, 84)
#: What an origin says; the rest of a row is what became of it.
SAID = """
    entity, origin_date, document_type, document_id, customer_id, segment, due_date, currency,
    open_amount, expected_payment_date, earliest_payment_date, latest_payment_date,
    expected_amount, interval_level
"""


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Records]:
    folder = tmp_path_factory.mktemp("companies")
    return {str(seed): made_up(folder / str(seed), seed, invoices) for seed, invoices in SAMPLE}


@pytest.fixture(scope="module")
def home(companies: dict[str, Records], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return forecast(tmp_path_factory.mktemp("forecast"), companies)


def test_the_interval_holds_four_of_five_payments_and_the_date_beats_both_baselines(
    home: Path,
) -> None:
    assert_honest(home, len(SAMPLE))


@pytest.mark.prove
def test_every_company_is_forecast_honestly(is_whole_proof: bool, tmp_path: Path) -> None:
    if not is_whole_proof:
        pytest.skip("the sample is the test before")
    companies = {
        str(seed): made_up(tmp_path / str(seed), seed, invoices) for seed, invoices in PROOF
    }
    assert_honest(forecast(tmp_path, companies), len(PROOF))


def test_nothing_that_became_known_later_changes_what_an_origin_says(
    companies: dict[str, Records], home: Path, tmp_path: Path
) -> None:
    moved = {entity: moved_after_cut_off(records) for entity, records in companies.items()}
    other = forecast(tmp_path, moved)

    assert said(other) == said(home) != []
    assert outcomes(other) != outcomes(home)


def made_up(folder: Path, seed: int, invoices: int) -> Records:
    generate(folder, seed=seed, invoices=invoices)
    return {
        vendor_object: json.loads(path.read_text())
        for vendor_object in QUICKBOOKS_OBJECTS
        if (path := folder / "quickbooks" / f"{vendor_object}.json").exists()
    }


def forecast(home: Path, companies: Mapping[str, Records]) -> Path:
    write_raw(
        home / "raw.duckdb",
        [Company(entity, records) for entity, records in companies.items()],
        as_of_date=AS_OF_DATE,
    )
    build_models(home, "+cash_forecast_accuracy", as_of_date=AS_OF_DATE)
    return home


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def assert_honest(home: Path, company_count: int) -> None:
    accuracy = rows(
        home,
        """
        select coverage_percent, rmse_days, due_date_rmse_days, mean_delay_rmse_days
        from finance.cash_forecast_accuracy where origin_date is null
        """,
    )
    assert len(accuracy) == company_count
    for coverage, ours, due_date, mean_delay in accuracy:
        assert COVERAGE_PERCENT[0] <= coverage <= COVERAGE_PERCENT[1]
        assert ours < min(due_date, mean_delay)


def said(home: Path) -> list[tuple[Any, ...]]:
    return rows(
        home,
        f"select {SAID} from finance.cash_forecast_backtest"
        f" where origin_date <= '{CUT_OFF}' order by all",
    )


def outcomes(home: Path) -> list[tuple[Any, ...]]:
    return rows(
        home,
        "select entity, origin_date, document_id, outcome, settled_date"
        f" from finance.cash_forecast_backtest where origin_date <= '{CUT_OFF}' order by all",
    )


def moved_after_cut_off(records: Records) -> Records:
    """The same books up to the cut-off, and another future."""
    moved = deepcopy(records)
    moved["Payment"] = list(other_payments(moved["Payment"]))
    for invoice in moved["Invoice"]:
        if invoice.get("TxnDate", "") > CUT_OFF:
            invoice["TotalAmt"] += 1000
            invoice["DueDate"] = later(invoice["DueDate"], 30)
    template = next(each for each in records["Invoice"] if dated_by_cut_off(each))
    payment = next(each for each in records["Payment"] if dated_by_cut_off(each))
    entered = {"CreateTime": f"{later(CUT_OFF, 5)}T10:00:00-08:00"}
    moved["Customer"].append(records["Customer"][0] | {"Id": "900001", "DisplayName": "Newcomer"})
    moved["Invoice"] += [
        # Dated before the cut-off and entered five days after it; one of a new customer.
        template | {"Id": "900002", "MetaData": entered},
        template | {"Id": "900003", "MetaData": entered, "CustomerRef": {"value": "900001"}},
    ]
    never_paid = unpaid_invoice(records)
    moved["Payment"].append(
        payment
        | {
            "Id": "900004",
            "MetaData": entered,
            "TxnDate": CUT_OFF,
            "CustomerRef": never_paid["CustomerRef"],
            "CurrencyRef": never_paid["CurrencyRef"],
            "TotalAmt": never_paid["TotalAmt"],
            "UnappliedAmt": 0,
            "Line": [
                {
                    "Amount": never_paid["TotalAmt"],
                    "LinkedTxn": [{"TxnId": never_paid["Id"], "TxnType": "Invoice"}],
                }
            ],
        }
    )
    return moved


def other_payments(payments: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of those after the cut-off every third is gone, the others come three weeks later."""
    for position, payment in enumerate(payments):
        if payment.get("TxnDate", "") <= CUT_OFF:
            yield payment
        elif position % 3:
            yield payment | {"TxnDate": later(payment["TxnDate"], 21)}


def unpaid_invoice(records: Records) -> dict[str, Any]:
    return next(
        invoice
        for invoice in records["Invoice"]
        if dated_by_cut_off(invoice)
        and invoice["TotalAmt"] > 0
        and invoice["Balance"] == invoice["TotalAmt"]
    )


def dated_by_cut_off(record: dict[str, Any]) -> bool:
    """Of a deleted record nothing is left, its date neither."""
    return "TxnDate" in record and record["TxnDate"] <= CUT_OFF


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
