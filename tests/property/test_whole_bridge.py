"""The whole bridge closes, whatever deals live through and whoever bills or pays what of them.

Deals with random lives stand beside random books. Their invoices follow the lines of a deal or do
not, and bill one deal, two or none; they are paid, credited and written off, in part, in full and
beyond. What the sections open and close with is added up here from deals and vendor records.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, Organisation, write_raw
from tests.property.deals.billing import account_of, at_home, customer_of, item_of
from tests.property.deals.books import Books, books_of
from tests.property.deals.lives import TIME_ZONES, Deal, made_up_deal
from tests.property.deals.model import booked_home, booked_in
from tests.property.deals.wire import records_of
from tests.property.test_pipeline_histories import AS_OF_DATE, BOOKS, CURRENCY_TYPES

SAMPLE_SIZE = 300
PROOF_SIZE = 12_000
FIRST_SEED = 50_000
"""Other lives than those of the pipeline's own test."""

Amounts = dict[tuple[str, date], Decimal]


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
    """The deals' records with accounts, products, instalments and what they say of billing."""
    records = records_of(deals)
    by_id = {deal.id: deal for deal in deals}
    for opportunity in records["Opportunity"]:
        deal = by_id[opportunity["Id"]]
        own = books[deal.entity]
        opportunity["AccountId"] = account_of(deal)
        opportunity["QBO_Invoice_Ids__c"] = ";".join(own.stored[deal.id])
        if opportunity["IsWon"]:
            opportunity.update(own.statuses[deal.id])
    for line in records["OpportunityLineItem"]:
        line["ProductCode"] = f"SKU-{item_of(line['Id'])}"
    records["OpportunityLineItemSchedule"] = [
        instalment for own in books.values() for instalment in own.instalments
    ]
    records["Account"] = [
        {
            "Id": account,
            "Name": account,
            "QBO_Customer_Id__c": customer_of(account),
            "Segment__c": f"Segment {number % 3}",
        }
        for number, account in enumerate(sorted({account_of(deal) for deal in deals}))
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
def test_sections_open_and_close_with_deals_won_invoices_and_cash(
    deals: list[Deal], books: dict[str, Books], warehouse: duckdb.DuckDBPyConnection
) -> None:
    booked, billed, received = _booked(deals), _billed(books), _received(books)
    expected = {
        "A closing": booked,
        "B opening": booked,
        "B closing": billed,
        "C opening": billed,
        "C closing": received,
    }
    for row, amounts in expected.items():
        found = warehouse.execute(
            """
            select entity, month, amount_home from revenue.pipeline_to_cash_bridge
            where section || ' ' || category = ? and amount_home <> 0
            """,
            [row],
        ).fetchall()
        assert {(entity, month): amount for entity, month, amount in found} == amounts, row
        assert amounts


@pytest.mark.prove
def test_chance_reaches_every_category(warehouse: duckdb.DuckDBPyConnection) -> None:
    reached, all_there_are = (
        set(warehouse.execute(f"select distinct section, category from {table}").fetchall())
        for table in ("revenue.bridge_contributions", "intermediate.int_bridge__categories")
    )
    assert reached == all_there_are


def _booked(deals: list[Deal]) -> Amounts:
    return _summed(
        (deal.entity, month, booked_home(deal))
        for deal in deals
        if (month := booked_in(deal, AS_OF_DATE))
    )


def _billed(books: dict[str, Books]) -> Amounts:
    return _summed(_totals(books, "Invoice"))


def _received(books: dict[str, Books]) -> Amounts:
    """What is refunded is less cash; a payment of nothing is none."""
    refunded = ((entity, day, -amount) for entity, day, amount in _totals(books, "RefundReceipt"))
    return _summed(chain(_totals(books, "Payment", "SalesReceipt"), refunded))


def _totals(books: dict[str, Books], *vendor_objects: str) -> Iterator[tuple[str, date, Decimal]]:
    """Each document's, by company and day, in home currency."""
    for entity, own in books.items():
        for vendor_object in vendor_objects:
            for record in own.records[vendor_object]:
                day = date.fromisoformat(record["TxnDate"])
                total = Decimal(str(record["TotalAmt"]))
                yield entity, day, at_home(total, record["CurrencyRef"]["value"], day)


def _summed(amounts: Iterable[tuple[str, date, Decimal]]) -> Amounts:
    """By company and month, of what is dated by the as-of date."""
    found: Counter[tuple[str, date]] = Counter()
    for entity, day, amount in amounts:
        if day <= AS_OF_DATE:
            found[entity, day.replace(day=1)] += amount
    return {key: amount for key, amount in found.items() if amount}
