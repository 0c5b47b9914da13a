"""Whatever becomes of a deal, each month's pipeline leads to what was booked, by the definitions.

Deals live random lives in companies of three time zones and are built by one dbt run. A small model
that reckons deal by deal in Python, from the definitions alone, says what each should contribute.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, Organisation, write_raw
from tests.property.deals.lives import TIME_ZONES, Deal, made_up_deal
from tests.property.deals.model import RATES, booked_home, booked_in, contributions
from tests.property.deals.wire import records_of

SAMPLE_SIZE = 500
PROOF_SIZE = 20_000
AS_OF_DATE = date(2026, 3, 20)
CATEGORIES = {
    "opening", "pulled_in", "opened_in_month", "slipped", "lost", "scope", "pricing", "fx",
    "closing",
}  # fmt: skip
TIMES_MIN = 5
BOOKS = {
    "Preferences": [{"Id": "1", "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}],
    "ExchangeRate": [
        {
            "Id": f"EUR {day}",
            "SourceCurrencyCode": "EUR",
            "AsOfDate": day.isoformat(),
            "Rate": float(rate),
        }
        for day, rate in RATES["EUR"]
    ],
}
CURRENCY_TYPES = [
    {"Id": "1", "IsoCode": "USD", "ConversionRate": 1, "IsCorporate": True},
    {"Id": "2", "IsoCode": "EUR", "ConversionRate": 0.5, "IsCorporate": False},
    {"Id": "3", "IsoCode": "GBP", "ConversionRate": 0.8, "IsCorporate": False},
]
"""Rates of a CRM are the other way round, and count only where the books have none."""


@pytest.fixture(scope="module")
def deals(request: pytest.FixtureRequest) -> list[Deal]:
    size = PROOF_SIZE if request.config.getoption("--prove") else SAMPLE_SIZE
    return [made_up_deal(seed) for seed in range(size)]


@pytest.fixture(scope="module")
def warehouse(
    deals: list[Deal], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("histories")
    write_raw(
        home / "raw.duckdb",
        [Company(entity, BOOKS, time_zone) for entity, time_zone in TIME_ZONES.items()],
        [Organisation("00D", {"CurrencyType": CURRENCY_TYPES, **records_of(deals)})],
        as_of_date=AS_OF_DATE.isoformat(),
    )
    build_models(
        home,
        "+int_bridge__pipeline_to_bookings",
        "assert_pipeline_section_closes",
        "assert_bookings_are_the_deals_won",
        as_of_date=AS_OF_DATE.isoformat(),
    )
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.prove
def test_each_deal_contributes_what_the_definitions_say(
    deals: list[Deal], warehouse: duckdb.DuckDBPyConnection
) -> None:
    expected = {
        (deal.entity, deal.id, *key): amount
        for deal in deals
        for key, amount in contributions(deal, AS_OF_DATE).items()
    }
    rows = warehouse.execute(
        """
        select entity, deal_id, month, category, amount_home
        from intermediate.int_bridge__pipeline_to_bookings
        """
    ).fetchall()
    found = {tuple(key): amount for *key, amount in rows}
    assert len(found) == len(rows)
    assert {key: found.get(key) for key in expected.keys() | found.keys()} == {
        key: expected.get(key) for key in expected.keys() | found.keys()
    }
    times = Counter(category for _, _, _, category in expected)
    assert times.keys() == CATEGORIES
    assert min(times.values()) >= TIMES_MIN


@pytest.mark.prove
@pytest.mark.parametrize("grain", ["entity, month, deal_id", "entity, month, rep", "entity, month"])
def test_nothing_is_left_unexplained(grain: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    left = warehouse.execute(
        f"""
        select {grain}, sum(if(category = 'closing', -amount_home, amount_home)) as unexplained
        from intermediate.int_bridge__pipeline_to_bookings
        inner join intermediate.int_thread__deals using (entity, deal_id)
        group by all
        having unexplained <> 0
        """
    ).fetchall()
    assert left == []


@pytest.mark.prove
def test_bookings_are_the_deals_won(
    deals: list[Deal], warehouse: duckdb.DuckDBPyConnection
) -> None:
    expected: Counter[tuple[str, date]] = Counter()
    for deal in deals:
        if month := booked_in(deal, AS_OF_DATE):
            expected[deal.entity, month] += booked_home(deal)
    rows = warehouse.execute(
        """
        select entity, month, sum(amount_home)
        from intermediate.int_bridge__pipeline_to_bookings where category = 'closing'
        group by all
        """
    ).fetchall()
    assert {(entity, month): amount for entity, month, amount in rows} == {
        key: amount for key, amount in expected.items() if amount
    }
