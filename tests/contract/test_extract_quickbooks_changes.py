"""Whatever happens to records between two runs, the next one has it: nothing is missed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_extraction import (
    CUSTOMERS,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    Home,
    company,
    invoice,
    people,
    read_of,
    versions,
)
from tests.contract.quickbooks_world import QuickBooksClient


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    folder = tmp_path_factory.mktemp("made_up") / "company"
    generate(folder, seed=5, invoices=300)
    return serve_for_module(folder)


@pytest.fixture(scope="module")
def books(sandbox: ServedSandbox) -> QuickBooksClient:
    return QuickBooksClient.sign_in(sandbox)


@pytest.fixture(scope="module")
def home(sandbox: ServedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Has read the whole company; every test goes on from the one before it."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.run(sandbox)
    return home


@pytest.fixture
def new_home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def open_invoice(books: QuickBooksClient) -> dict[str, Any]:
    rows = books.query("SELECT * FROM Invoice WHERE Balance > '0' MAXRESULTS 1")
    return dict(rows["Invoice"][0])


def identity(record: dict[str, Any]) -> dict[str, Any]:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


def test_a_merged_customer_is_gone_and_its_documents_are_the_winners(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    loser = open_invoice(books)["CustomerRef"]["value"]
    candidates = books.query("SELECT * FROM Customer WHERE Active IN (true, false)")["Customer"]
    currency = next(row["CurrencyRef"] for row in candidates if row["Id"] == loser)
    winner = next(
        row["Id"]
        for row in candidates
        if row["Id"] != loser and row["CurrencyRef"] == currency and "ParentRef" not in row
    )
    people(sandbox, "merge_customers", loser=loser, winner=winner)

    extraction = home.run(sandbox)

    assert home.history("customers", loser)[-1] is True
    assert home.counted()["customers"] == (len(candidates) - 1,) * 2
    named = home.rows(
        "select distinct arg_max(payload ->> '$.CustomerRef.value', version)"
        " from raw_quickbooks.invoices group by record_id"
    )
    assert (winner,) in named
    assert (loser,) not in named
    assert read_of(extraction, "invoices") < 300


def test_a_purged_invoice_leaves_no_stub_and_is_missed_at_once(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    gone = open_invoice(books)["Id"]
    people(sandbox, "purge", object="Invoice", id=gone)

    home.run(sandbox)

    assert home.history("invoices", gone)[-1] is True
    ours, theirs = home.counted()["invoices"]
    assert ours == theirs


def test_a_deleted_invoice_that_comes_back_lives_again(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    record = open_invoice(books)
    before = home.history("invoices", record["Id"])
    books.write("Invoice", identity(record), operation="delete")
    home.run(sandbox)
    people(sandbox, "restore", object="Invoice", id=record["Id"])

    home.run(sandbox)

    assert home.history("invoices", record["Id"]) == [*before, True, False]


def test_a_voided_invoice_is_a_version_without_amounts(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    record = open_invoice(books)
    books.write("Invoice", identity(record), operation="void")

    home.run(sandbox)

    found = home.rows(
        "select is_deleted, (payload ->> '$.TotalAmt')::decimal(18, 2)"
        " from raw_quickbooks.invoices where record_id = $1 order by version desc limit 1",
        record["Id"],
    )
    assert found == [(False, 0)]


def test_a_customer_renamed_and_made_inactive_stays_alive(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    made = books.write("Customer", {"DisplayName": "Brakken Ltd"})
    home.run(sandbox)
    renamed = identity(made) | {"sparse": True, "DisplayName": "Brakken Holding"}
    changed = books.write("Customer", renamed)
    books.write("Customer", identity(changed) | {"sparse": True, "Active": False})

    home.run(sandbox)

    assert home.history("customers", made["Id"]) == [False, False]
    ours, theirs = home.counted()["customers"]
    assert ours == theirs


def test_an_edit_that_moved_no_stamp_is_seen_within_a_week(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    stamp = {"LastUpdatedTime": "2026-04-07T10:00:00-07:00"}
    item = {"Id": "7", "Name": "Advice", "Description": "By the hour", "MetaData": stamp}
    sandbox = serve(company(tmp_path / "company", Item=[item]))
    new_home.run(sandbox)
    people(sandbox, "edit_unstamped", object="Item", id="7", fields={"Description": "By the day"})
    sandbox.advance(SECONDS_PER_HOUR)
    assert versions(new_home.run(sandbox)) == {}
    sandbox.advance(7 * SECONDS_PER_DAY)

    assert versions(new_home.run(sandbox))["items"] == 1


def test_what_was_stamped_at_the_edge_of_the_last_look_is_seen_by_the_next(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    """A stamp has whole seconds, and a record may show up later than it was stamped."""
    sandbox = serve(company(tmp_path / "before", Customer=CUSTOMERS, Invoice=[invoice("12")]))
    new_home.run(sandbox)
    sandbox.stop()
    [(edge,)] = new_home.rows(
        "select date_trunc('second', changed_since)::varchar from raw_quickbooks.cursors"
        " where object = 'invoices'"
    )
    stamps = {"13": edge, "14": edge, "15": "2026-05-05T08:58:00-07:00"}
    late = [
        invoice(record_id, MetaData={"LastUpdatedTime": stamp.replace("+00", "+00:00")})
        for record_id, stamp in stamps.items()
    ]
    after = company(tmp_path / "after", Customer=CUSTOMERS, Invoice=[invoice("12"), *late])

    assert versions(new_home.run(serve(after))) == {"invoices": 3}


def test_an_outage_of_31_days_ends_with_everything_listed(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    before = [invoice(number) for number in ("12", "13", "14")]
    sandbox = serve(company(tmp_path / "before", Customer=CUSTOMERS, Invoice=before))
    new_home.run(sandbox)
    sandbox.stop()
    edited = invoice("14", TotalAmt=90.00, MetaData={"LastUpdatedTime": "2026-05-06T10:00:00Z"})
    after = company(tmp_path / "after", Customer=CUSTOMERS, Invoice=[before[0], edited])
    sandbox = serve(after)
    sandbox.advance(31 * SECONDS_PER_DAY)

    new_home.run(sandbox)

    states = new_home.rows(
        "select record_id, list(is_deleted order by version) from raw_quickbooks.invoices"
        " group by all order by all"
    )
    assert states == [("12", [False]), ("13", [False, True]), ("14", [False, False])]


def test_a_full_answer_is_asked_for_again_object_by_object(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    numbers = [str(number) for number in range(1, 601)]
    customers = [{"Id": number, "DisplayName": f"Customer {number}"} for number in numbers]
    invoices = [invoice(number) for number in numbers]
    sandbox = serve(company(tmp_path / "before", Customer=customers, Invoice=invoices))
    new_home.run(sandbox)
    sandbox.stop()
    moved = {"MetaData": {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"}}
    sandbox = serve(
        company(
            tmp_path / "after",
            Customer=[customer | moved for customer in customers],
            Invoice=[invoice | moved for invoice in invoices],
        )
    )
    sandbox.advance(SECONDS_PER_HOUR)

    extraction = new_home.run(sandbox)

    assert versions(extraction) == {"customers": 600, "invoices": 600}
    assert read_of(extraction, "customers") == 600


def test_a_refused_row_does_not_hide_a_deletion_behind_a_full_answer(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    numbers = [str(number) for number in range(1, 1_103)]
    before = [invoice(number) for number in numbers]
    sandbox = serve(company(tmp_path / "before", Customer=CUSTOMERS, Invoice=before))
    new_home.run(sandbox)
    sandbox.stop()
    moved = {"MetaData": {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"}}
    refused = invoice("9999", TotalAmt="ten", **moved)
    changed = [record | moved for record in before[1:]]
    sandbox = serve(company(tmp_path / "after", Customer=CUSTOMERS, Invoice=[*changed, refused]))
    sandbox.advance(SECONDS_PER_HOUR)

    new_home.run(sandbox)

    assert new_home.history("invoices", "1") == [False, True]
    assert new_home.counted()["invoices"] == (1_101, 1_102)


class Meddling(httpx.BaseTransport):
    """Does something at the vendor's, once, when the answer to a certain request is on its way."""

    def __init__(self, request: str, act: Callable[[], None]) -> None:
        self._request = re.compile(request)
        self._act: Callable[[], None] | None = act
        self._http = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._http.handle_request(request)
        response.read()
        act = self._act
        if act is not None and self._request.search(str(httpx.QueryParams(request.url.query))):
            self._act = None
            act()
        return response

    def close(self) -> None:
        self._http.close()


def test_rows_deleted_between_two_pages_hide_none_behind_them(
    serve: Serve, new_home: Home, tmp_path: Path
) -> None:
    many = [invoice(str(number)) for number in range(1, 2_502)]
    sandbox = serve(company(tmp_path / "company", Customer=CUSTOMERS, Invoice=many))
    books = QuickBooksClient.sign_in(sandbox)
    gone = [str(number) for number in range(100, 115)]

    def delete() -> None:
        for number in gone:
            books.write("Invoice", {"Id": number, "SyncToken": "0"}, operation="delete")

    new_home.run(sandbox, transport=Meddling(r"Invoice\+ORDERBY\+Id\+STARTPOSITION\+1\+", delete))

    live = new_home.rows(
        "select record_id from raw_quickbooks.invoices group by all"
        " having not arg_max(is_deleted, version)"
    )
    assert {number for (number,) in live} == {row["Id"] for row in many} - set(gone)
    assert new_home.counted()["invoices"] == (2_486, 2_486)


def test_a_record_made_between_reading_and_counting_is_no_gap(
    sandbox: ServedSandbox, books: QuickBooksClient, home: Home
) -> None:
    customer = open_invoice(books)["CustomerRef"]
    books.write("Payment", {"TotalAmt": 5.00, "CustomerRef": customer})

    def pay_again() -> None:
        books.write("Payment", {"TotalAmt": 6.00, "CustomerRef": customer})

    extraction = home.run(sandbox, transport=Meddling("changedSince", pay_again))

    ours, theirs = home.counted()["payments"]
    assert ours == theirs
    assert read_of(extraction, "payments") < 300
