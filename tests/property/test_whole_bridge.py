"""The whole bridge closes, whatever deals live through and whoever bills or pays what of them.

Deals with random lives stand beside random books: invoices of one deal, of two and of none, early,
late, in another currency, of other items and amounts, paid in part, in full and beyond.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, Organisation, write_raw
from tests.property.deals.billing import (
    CUSTOMERS_PER_COMPANY,
    ITEMS,
    Books,
    account_of,
    at_home,
    books_of,
    customer_of,
)
from tests.property.deals.lives import TIME_ZONES, Deal, made_up_deal
from tests.property.deals.model import booked_home, booked_in
from tests.property.deals.wire import records_of
from tests.property.test_pipeline_histories import AS_OF_DATE, BOOKS, CURRENCY_TYPES

SAMPLE_SIZE = 300
PROOF_SIZE = 12_000
FIRST_SEED = 50_000
"""Other lives than those of the pipeline's own test."""

Closings = dict[tuple[str, date], Decimal]


@pytest.fixture(scope="module")
def deals(request: pytest.FixtureRequest) -> list[Deal]:
    size = PROOF_SIZE if request.config.getoption("--prove") else SAMPLE_SIZE
    return [made_up_deal(FIRST_SEED + number) for number in range(size)]


@pytest.fixture(scope="module")
def books(deals: list[Deal]) -> dict[str, Books]:
    return {entity: books_of(entity, deals) for entity in TIME_ZONES}


@pytest.fixture(scope="module")
def warehouse(
    deals: list[Deal], books: dict[str, Books], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("whole_bridge")
    write_raw(
        home / "raw.duckdb",
        [
            Company(entity, {**BOOKS, **books[entity].records}, time_zone)
            for entity, time_zone in TIME_ZONES.items()
        ],
        [Organisation("00D", {"CurrencyType": CURRENCY_TYPES, **_crm(deals, books)})],
        as_of_date=AS_OF_DATE.isoformat(),
    )
    build_models(
        home,
        "+pipeline_to_cash_bridge",
        "assert_bridge_leaves_nothing_unexplained",
        "assert_bridge_sections_follow_each_other",
        "assert_backlog_moves_with_the_bridge",
        "+assert_deals_add_up",
        as_of_date=AS_OF_DATE.isoformat(),
    )
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def _crm(deals: list[Deal], books: dict[str, Books]) -> dict[str, list[dict[str, Any]]]:
    """The deals' records with accounts, products and the invoice ids that they store."""
    records = records_of(deals)
    by_id = {deal.id: deal for deal in deals}
    for opportunity in records["Opportunity"]:
        deal = by_id[opportunity["Id"]]
        opportunity["AccountId"] = account_of(deal)
        opportunity["QBO_Invoice_Ids__c"] = ";".join(books[deal.entity].stored[deal.id])
    for position, line in enumerate(records["OpportunityLineItem"]):
        line["ProductCode"] = f"SKU-{ITEMS[position % len(ITEMS)]}"
    records["Account"] = [
        {
            "Id": account,
            "Name": account,
            "QBO_Customer_Id__c": customer_of(account),
            "Segment__c": f"Segment {number % 3}",
            "SystemModstamp": "2025-01-01T00:00:00.000+0000",
        }
        for entity in TIME_ZONES
        for number in range(CUSTOMERS_PER_COMPANY)
        for account in [f"001{entity}{number:02}"]
    ]
    return records


@pytest.mark.prove
@pytest.mark.parametrize("cut", ["deal_id", "segment", "rep", "section"])
def test_every_section_closes_in_every_month(
    cut: str, warehouse: duckdb.DuckDBPyConnection
) -> None:
    left = warehouse.execute(
        f"""
        select entity, month, section, {cut},
            sum(if(category = 'closing', -amount_home, amount_home)) as unexplained
        from revenue.bridge_contributions
        group by all
        having unexplained <> 0
        """
    ).fetchall()
    assert left == []


@pytest.mark.prove
def test_sections_close_with_deals_won_invoices_and_cash(
    deals: list[Deal], books: dict[str, Books], warehouse: duckdb.DuckDBPyConnection
) -> None:
    expected = {"A": _booked(deals), "B": _billed(books), "C": _received(books)}
    for section, closings in expected.items():
        rows = warehouse.execute(
            """
            select entity, month, amount_home from revenue.pipeline_to_cash_bridge
            where section = ? and category = 'closing' and amount_home <> 0
            """,
            [section],
        ).fetchall()
        assert {(entity, month): amount for entity, month, amount in rows} == closings, section
        assert closings


@pytest.mark.prove
def test_chance_reaches_every_category(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {
        f"{section} {category}"
        for section, category in warehouse.execute(
            "select distinct section, category from revenue.bridge_contributions"
        ).fetchall()
    }
    assert found >= {
        *("A slipped", "A lost", "A pulled_in", "A opened_in_month", "A scope", "A pricing"),
        *("B to_backlog", "B from_backlog", "B scope", "B churn", "B pricing", "B unlinked"),
        *("B tax", "B fx", "C still_open", "C collected_from_prior", "C unapplied_cash", "C fx"),
    }


def _booked(deals: list[Deal]) -> Closings:
    return _summed(
        (deal.entity, month, booked_home(deal))
        for deal in deals
        if (month := booked_in(deal, AS_OF_DATE))
    )


def _billed(books: dict[str, Books]) -> Closings:
    return _summed(
        (entity, invoice.day, at_home(invoice.total, invoice.currency, invoice.day))
        for entity, own in books.items()
        for invoice in own.invoices
    )


def _received(books: dict[str, Books]) -> Closings:
    return _summed(
        (entity, day, amount) for entity, own in books.items() for day, amount in own.cash
    )


def _summed(amounts: Iterator[tuple[str, date, Decimal]]) -> Closings:
    """By company and month, of what is dated by the as-of date."""
    found: Counter[tuple[str, date]] = Counter()
    for entity, day, amount in amounts:
        if day <= AS_OF_DATE:
            found[entity, day.replace(day=1)] += amount
    return {key: amount for key, amount in found.items() if amount}
