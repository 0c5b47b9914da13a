"""A company whose CRM alone is read: the books are left out, and the bridge still closes."""

import csv
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import SHARED_DATA
from tests.maven_crm import write_maven_company
from tests.pipeline.conftest import PublishedHome, give_models, run_q2c
from tests.pipeline.figures import RESIDUALS, by_month, figures

pytestmark = pytest.mark.prove

BOOKS_OF_ANOTHER = {
    "QBO_BASE_URL": "http://127.0.0.1:1",
    "QBO_TOKEN_URL": "http://127.0.0.1:1",
    "QBO_REALM_ID": "9130000000000000009",
    "QBO_CLIENT_ID": "client of another company",
    "QBO_CLIENT_SECRET": "secret of another company",
    "QBO_REFRESH_TOKEN": "token of another company",
}


@pytest.fixture(scope="module")
def deals_won(is_whole_proof: bool) -> list[dict[str, str]]:
    if not is_whole_proof:
        pytest.skip("one more company: `make prove` has the time")
    table = SHARED_DATA / "maven_crm" / "sales_pipeline.csv"
    if not table.is_file():
        pytest.skip(f"Maven's CRM data is not here ({table.parent})")
    with table.open(encoding="utf-8", newline="") as lines:
        return [deal for deal in csv.DictReader(lines) if deal["deal_stage"] == "Won"]


@pytest.fixture(scope="module")
def crm_alone(
    deals_won: list[dict[str, str]],
    published_home: PublishedHome,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    scratch = tmp_path_factory.mktemp("maven")
    company = write_maven_company(scratch / "company", SHARED_DATA / "maven_crm")
    home = give_models(scratch / "home", published_home)
    run = run_q2c(home, "run", "--company", str(company), **BOOKS_OF_ANOTHER)
    assert run.returncode == 0, run.stderr
    assert "quickbooks" not in run.stdout
    return home


def test_a_crm_alone_is_known_by_its_organisation(crm_alone: Path) -> None:
    assert figures(crm_alone, "select distinct entity from revenue.deals") == ["00D000000000001EAA"]
    assert figures(crm_alone, "select count(*) from finance.customers") == ["0"]


def test_bookings_of_a_crm_alone_are_the_deals_won_in_each_month(
    crm_alone: Path, deals_won: list[dict[str, str]]
) -> None:
    booked = _monthly(deals_won, lambda deal: True)

    assert sum(booked.values()) == Decimal(10_005_534)
    assert by_month(crm_alone, "A", "closing") == booked
    assert figures(
        crm_alone,
        "select count(*), sum(amount_home) from revenue.bridge_contributions"
        " where section = 'A' and category = 'closing'",
    ) == ["4238,10005534.00"]


def test_without_history_the_pipeline_of_the_past_is_what_was_won_in_the_end(
    crm_alone: Path, deals_won: list[dict[str, str]]
) -> None:
    """No history tells another amount, and what was lost is worth nothing in this table."""
    assert by_month(crm_alone, "A", "opening") == _monthly(deals_won, _existed_at_start)
    assert by_month(crm_alone, "A", "opened_in_month") == _monthly(
        deals_won, lambda deal: not _existed_at_start(deal)
    )
    assert figures(
        crm_alone,
        "select distinct category from revenue.pipeline_to_cash_bridge"
        " where section = 'A' and amount_home <> 0 order by category",
    ) == ["closing", "opened_in_month", "opening"]


def test_a_crm_alone_bills_nothing_and_every_section_closes(crm_alone: Path) -> None:
    assert by_month(crm_alone, "B", "closing") == {}
    assert by_month(crm_alone, "C", "closing") == {}
    assert figures(crm_alone, RESIDUALS) == []


def _existed_at_start(deal: dict[str, str]) -> bool:
    """Whether the deal was there when the month began in which it was won."""
    return deal["engage_date"][:7] < deal["close_date"][:7]


def _monthly(
    deals: list[dict[str, str]], is_meant: Callable[[dict[str, str]], bool]
) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for deal in deals:
        if is_meant(deal):
            amounts[deal["close_date"][:7]] += Decimal(deal["close_value"])
    return dict(amounts)
