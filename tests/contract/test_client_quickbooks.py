"""The QuickBooks extraction against the sandbox, over HTTP, as it runs against the vendor."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from tests.contract.quickbooks_extraction import (
    CUSTOMERS,
    RECEIVABLES,
    SECONDS_PER_DAY,
    Home,
    company,
    invoice,
    versions,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_recorded_books_are_read_once_and_then_by_their_changes(
    serve: Any, home: Home, recorded_books: Path
) -> None:
    earlier = serve(recorded_books / "t0")
    assert versions(home.run(earlier))["invoices"] == 31
    earlier.stop()
    later = serve(recorded_books / "t1")

    changed = home.run(later)
    idle = home.run(later)

    assert versions(changed) == {
        "customers": 4,
        "invoices": 6,
        "credit_memos": 2,
        "journal_entries": 6,
        "deposits": 3,
        "estimates": 4,
        "accounts": 3,
        "items": 2,
    }
    assert versions(idle) == {}
    assert (idle.metered_reads, idle.calls) == (3, 3)


def test_a_new_day_without_changes_costs_three_reads(
    serve: Any, home: Home, tmp_path: Path
) -> None:
    sandbox = serve(company(tmp_path / "company", Customer=CUSTOMERS, Invoice=[invoice("12")]))
    first = home.run(sandbox)
    sandbox.advance(SECONDS_PER_DAY * 0.75)

    second = home.run(sandbox)

    assert second.as_of_date == first.as_of_date + timedelta(days=1)
    assert second.metered_reads == 3


def test_bad_records_are_refused_by_name_and_the_rest_goes_on(
    serve: Any, home: Home, tmp_path: Path
) -> None:
    bad = [
        invoice("12"),
        invoice("13", TotalAmt="100.00"),
        invoice(None),
        invoice("15", CurrencyRef={"value": "EUR"}, ExchangeRate=0),
        invoice("16"),
    ]
    sandbox = serve(
        company(tmp_path / "company", Customer=CUSTOMERS, Account=RECEIVABLES, Invoice=bad)
    )

    assert versions(home.run(sandbox))["invoices"] == 2
    refused = home.rows("select record_id, field from raw_quickbooks.rejects order by all")
    assert refused == [("13", "TotalAmt"), ("15", "ExchangeRate"), (None, "Id")]


def test_every_row_of_many_pages_is_read_once(serve: Any, home: Home, tmp_path: Path) -> None:
    many = [invoice(str(number)) for number in range(1, 2_502)]
    sandbox = serve(
        company(tmp_path / "company", Customer=CUSTOMERS, Account=RECEIVABLES, Invoice=many)
    )

    assert versions(home.run(sandbox))["invoices"] == 2_501


def test_after_a_long_outage_what_vanished_is_seen(serve: Any, home: Home, tmp_path: Path) -> None:
    earlier = company(
        tmp_path / "earlier", Customer=CUSTOMERS, Invoice=[invoice("12"), invoice("13")]
    )
    sandbox = serve(earlier)
    home.run(sandbox)
    sandbox.stop()
    later = serve(company(tmp_path / "later", Customer=CUSTOMERS, Invoice=[invoice("12")]))
    later.advance(40 * SECONDS_PER_DAY)

    home.run(later)

    deleted = home.rows("select record_id from raw_quickbooks.invoices where is_deleted")
    assert deleted == [("13",)]


def test_more_changes_than_one_answer_holds_are_all_read_and_deletions_noticed(
    serve: Any, home: Home, tmp_path: Path
) -> None:
    numbers = [str(number) for number in range(1, 1_202)]
    before = [invoice(number) for number in numbers]
    sandbox = serve(company(tmp_path / "before", Customer=CUSTOMERS, Invoice=before))
    home.run(sandbox)
    sandbox.stop()
    moved = {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"}
    changed = [invoice(number, TotalAmt=99.00, MetaData=moved) for number in numbers[1:]]
    after = serve(company(tmp_path / "after", Customer=CUSTOMERS, Invoice=changed))
    after.advance(3600)

    extraction = home.run(after)

    [counts] = [load.counts for load in extraction.loads if load.object == "invoices"]
    assert (counts.versions, counts.deleted) == (1_201, 1)


def test_a_deletion_reaches_the_month_ends_from_its_own_date(
    serve: Any, home: Home, tmp_path: Path
) -> None:
    early, late = invoice("12", TxnDate="2026-01-10"), invoice("13", TxnDate="2026-04-07")
    sandbox = serve(company(tmp_path / "before", Customer=CUSTOMERS, Invoice=[early, late]))
    home.run(sandbox)
    sandbox.stop()
    gone = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": "13",
        "MetaData": {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"},
    }
    after = serve(company(tmp_path / "after", Customer=CUSTOMERS, Invoice=[early, gone]))
    after.advance(3600)

    extraction = home.run(after)

    assert versions(extraction) == {"invoices": 1}
    read = {load.object: load.counts.read for load in extraction.loads}
    assert read["aged_receivables"] == len([date(2026, 5, 5), date(2026, 4, 30)])


def test_two_time_zones_that_contradict_each_other_stop_the_run(
    serve: Any, home: Home, tmp_path: Path
) -> None:
    info = [{"Id": "1", "CompanyName": "Brakken", "DefaultTimeZone": "America/New_York"}]
    sandbox = serve(company(tmp_path / "company", CompanyInfo=info))

    with pytest.raises(ConfigurationError, match=r"Europe/Berlin.*America/New_York"):
        home.run(sandbox, time_zone="Europe/Berlin")
