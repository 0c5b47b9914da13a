"""Writing name lists: names, tokens, inactivation, and what a body may hold."""

import itertools

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import QuickBooksClient, fault, record, write_company

COUNTER = itertools.count(1)


@pytest.fixture(scope="module")
def books(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> QuickBooksClient:
    company = write_company(
        tmp_path_factory.mktemp("company"),
        {
            "quickbooks/Vendor": [record("41", DisplayName="Paper Mill", Active=True)],
            "quickbooks/Employee": [
                record("42", DisplayName="Emily Platt (deleted)", Active=False)
            ],
        },
    )
    return QuickBooksClient.sign_in(serve_for_module(company))


def fresh_name() -> str:
    return f"Customer {next(COUNTER)}"


def test_a_name_is_enough_to_create_a_customer(books: QuickBooksClient) -> None:
    created = books.write("Customer", {"DisplayName": "Brakken Ltd"})
    assert created["Id"].isdigit()
    assert int(created["Id"]) > 42
    assert created["SyncToken"] == "0"
    assert (created["Active"], created["Balance"], created["Job"]) == (True, 0, False)
    assert created["FullyQualifiedName"] == created["PrintOnCheckName"] == "Brakken Ltd"
    assert created["CurrencyRef"]["value"] == "USD"
    assert books.read("Customer", created["Id"]) == created


def test_a_person_is_named_after_the_parts_of_the_name(books: QuickBooksClient) -> None:
    created = books.write("Customer", {"GivenName": "Ada", "FamilyName": "Byron", "Title": ""})
    assert created["DisplayName"] == "Ada Byron"
    assert books.refused("Customer", {"CompanyName": "Nameless"}) == "6080"


@pytest.mark.parametrize("name", ["PAPER MILL", "Emily Platt (deleted)"])
def test_a_name_is_unique_among_customers_vendors_and_employees(
    books: QuickBooksClient, name: str
) -> None:
    assert books.refused("Customer", {"DisplayName": name}) == "6240"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"DisplayName": "a:b"}, "6000"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": "Known", "CompanyName": "x" * 101}, "2050"),
        ({"DisplayName": "Known", "PrimaryEmailAddr": {"Address": "x" * 101}}, "2050"),
        ({"DisplayName": "Known", "PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050"),
        ({"DisplayName": "Known", "BillAddr": {"Line3": "x" * 501}}, "2050"),
        ({"DisplayName": "Known", "ShipAddr": {"PostalCode": "1" * 31}}, "2050"),
        ({"DisplayName": "Known", "BillAddr": {"Street": "x"}}, "2010"),
        ({"DisplayName": "Known", "SalesTermRef": {"value": "9999"}}, "2500"),
        ({"DisplayName": "Unknown", "Nickname": "x"}, "2010"),
        ({"DisplayName": "Child", "ParentRef": {"value": "9999"}}, "2500"),
        ({"DisplayName": "Euro", "CurrencyRef": {"value": "EUR"}}, "6000"),
        ([], "2010"),
    ],
)
def test_a_faulty_customer_is_refused(books: QuickBooksClient, body: object, code: str) -> None:
    assert books.refused("Customer", body) == code


def test_a_job_is_qualified_by_its_parent(books: QuickBooksClient) -> None:
    parent = books.write("Customer", {"DisplayName": fresh_name()})
    job = books.write("Customer", {"DisplayName": "Kitchen", "ParentRef": {"value": parent["Id"]}})
    assert job["FullyQualifiedName"] == f"{parent['DisplayName']}:Kitchen"
    assert (job["Job"], job["Level"]) == (True, 1)


def test_a_sparse_update_leaves_the_rest_and_a_full_one_clears_it(books: QuickBooksClient) -> None:
    created = books.write("Customer", {"DisplayName": fresh_name(), "Notes": "n", "Title": "Dr"})
    identity = {"Id": created["Id"], "SyncToken": 0}
    sparse = books.write("Customer", identity | {"sparse": True, "Notes": "m", "Balance": 77})
    assert (sparse["SyncToken"], sparse["Notes"], sparse["Title"]) == ("1", "m", "Dr")
    assert sparse["Balance"] == 0
    full = books.write(
        "Customer", {"Id": created["Id"], "SyncToken": "1", "DisplayName": fresh_name()}
    )
    assert (full["SyncToken"], full["Active"]) == ("2", True)
    assert "Notes" not in full
    assert full["MetaData"]["CreateTime"] == created["MetaData"]["CreateTime"]


def test_a_stale_missing_or_unknown_record_is_not_updated(books: QuickBooksClient) -> None:
    created = books.write("Customer", {"DisplayName": fresh_name()})
    sparse = {"Id": created["Id"], "sparse": True, "Notes": "x"}
    assert books.refused("Customer", sparse | {"SyncToken": "5"}) == "5010"
    assert books.refused("Customer", sparse) == "2020"
    assert books.refused("Customer", {"Id": "9999", "SyncToken": "0"}) == "610"
    assert books.read("Customer", created["Id"]) == created


def test_inactivating_renames_once(books: QuickBooksClient) -> None:
    created = books.write("Customer", {"DisplayName": fresh_name()})
    body = {"Id": created["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    gone = books.write("Customer", body)
    assert gone["DisplayName"] == created["DisplayName"] + " (deleted)"
    assert gone["SyncToken"] == "1"
    again = books.write("Customer", body | {"SyncToken": "1"})
    assert again == gone
    assert books.refused("Customer", body, operation="delete") == "500"


def test_a_repeated_request_id_answers_the_same_and_acts_once(books: QuickBooksClient) -> None:
    body = {"DisplayName": fresh_name()}
    first = books.post("customer", body, requestid="intent-1")
    second = books.post("customer", body, requestid="intent-1")
    assert first.text == second.text
    statement = f"select count(*) from Customer where DisplayName = '{body['DisplayName']}'"
    assert books.query(statement) == {"totalCount": 1}
    # A refusal acted on nothing, so the same intent may be sent again once mended.
    assert books.refused("Customer", body, requestid="intent-2") == "6240"
    mended = books.post("customer", {"DisplayName": fresh_name()}, requestid="intent-2")
    assert mended.status_code == 200
    assert books.refused("Customer", body, requestid="x" * 51) == "6000"


def test_lists_that_are_not_written_here_say_so(books: QuickBooksClient) -> None:
    assert books.refused("TaxCode", {"Name": "VAT"}) == "500"
    assert fault(books.post("nonsense", {}))[0] == "500"
    term = books.write("Term", {"Name": "Net 30", "DueDays": 30, "Type": "STANDARD"})
    assert books.refused("Term", {"Name": "net 30"}) == "6240"
    assert books.read("Term", term["Id"])["DueDays"] == 30


def test_each_sequence_counts_its_own_ids(books: QuickBooksClient) -> None:
    """An id alone names nothing: a customer and a class may well share it."""
    classes = [books.write("Class", {"Name": fresh_name()})["Id"] for _ in range(2)]
    assert classes == ["1", "2"]
    customer = books.write("Customer", {"DisplayName": fresh_name()})
    vendor = books.write("Vendor", {"DisplayName": fresh_name()})
    assert int(vendor["Id"]) == int(customer["Id"]) + 1


def test_preferences_keep_what_a_group_leaves_out(books: QuickBooksClient) -> None:
    kept = books.get("preferences").json()["Preferences"]
    change = {"Id": kept["Id"], "SyncToken": kept["SyncToken"]}
    report = {"CalcAgingReportFromTxnDate": True}
    written = books.write("Preferences", change | {"ReportPrefs": report})
    assert written["ReportPrefs"] == kept["ReportPrefs"] | report
    assert written["SalesFormsPrefs"] == kept["SalesFormsPrefs"]
    assert books.refused("Preferences", change | {"ReportPrefs": report}) == "5010"
