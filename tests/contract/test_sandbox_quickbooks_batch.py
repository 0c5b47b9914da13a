"""Batches: each item stands alone, the batch as a whole happens once."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import (
    QuickBooksClient,
    exact,
    fault,
    item_line,
    record,
    write_company,
)

ITEMS_MAX = 30


def company(folder: Path) -> Path:
    return write_company(
        folder,
        {
            "quickbooks/Account": [
                record("84", Name="A/R", AccountType="Accounts Receivable", Active=True)
            ],
            "quickbooks/Item": [record("1", Name="Services", Active=True)],
            "quickbooks/Customer": [
                record("1", DisplayName="Brakken", Active=True, Balance=0),
                record("2", DisplayName="Idle", Active=True, Balance=0),
            ],
        },
    )


@pytest.fixture
def books(tmp_path: Path, serve: Serve) -> QuickBooksClient:
    return QuickBooksClient.sign_in(serve(company(tmp_path / "company")))


@pytest.fixture(scope="module")
def untouched(
    serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory
) -> QuickBooksClient:
    """The same company for what changes nothing in it."""
    return QuickBooksClient.sign_in(serve_for_module(company(tmp_path_factory.mktemp("company"))))


def batch(books: QuickBooksClient, *items: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """The answers by ``bId``, in whatever order they came."""
    answer = books.post("batch", {"BatchItemRequest": list(items)}, **parameters)
    assert answer.status_code == 200, answer.text
    return {item["bId"]: item for item in exact(answer)["BatchItemResponse"]}


def invoice(amount: float = 100, **more: Any) -> dict[str, Any]:
    return {"CustomerRef": {"value": "1"}, "Line": [item_line(amount)]} | more


def code(item: dict[str, Any]) -> str:
    assert item["Fault"]["type"] == "ValidationFault"
    return str(item["Fault"]["Error"][0]["code"])


def test_items_succeed_and_fail_alone(books: QuickBooksClient) -> None:
    kept = [books.write("Invoice", invoice()) for _ in range(3)]
    answers = batch(
        books,
        {"bId": "create", "operation": "create", "Customer": {"DisplayName": "New"}},
        {"bId": "taken", "operation": "create", "Vendor": {"DisplayName": "Brakken"}},
        {
            "bId": "note",
            "operation": "update",
            "Invoice": {"Id": kept[0]["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"},
        },
        {
            "bId": "stale",
            "operation": "update",
            "Invoice": {"Id": kept[0]["Id"], "SyncToken": "7", "sparse": True, "PrivateNote": "y"},
        },
        {"bId": "gone", "operation": "delete", "Invoice": {"Id": kept[1]["Id"], "SyncToken": "0"}},
        {
            "bId": "void",
            "operation": "update",
            "optionsData": "void",
            "Invoice": {"Id": kept[2]["Id"], "SyncToken": "0"},
        },
        {"bId": "asked", "Query": "select * from Customer where DisplayName = 'idle'"},
        {"bId": "counted", "Query": "select count(*) from Customer"},
        {"bId": "misspelt", "Query": "select * from Custmoer"},
    )
    assert answers["create"]["Customer"]["SyncToken"] == "0"
    assert code(answers["taken"]) == "6240"
    assert answers["note"]["Invoice"]["PrivateNote"] == "x"
    assert code(answers["stale"]) == "5010"
    assert answers["gone"]["Invoice"] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": kept[1]["Id"],
    }
    assert answers["void"]["Invoice"]["PrivateNote"] == "Voided"
    assert [row["Id"] for row in answers["asked"]["QueryResponse"]["Customer"]] == ["2"]
    assert answers["counted"]["QueryResponse"] == {"totalCount": 3}
    assert code(answers["misspelt"]) == "4001"
    assert books.read("Customer", "1")["Balance"] == 100


def test_what_a_failed_item_began_is_undone(books: QuickBooksClient) -> None:
    bill = books.write("Invoice", invoice())
    link = {"TxnId": bill["Id"], "TxnType": "Invoice"}
    too_much = {
        "CustomerRef": {"value": "1"},
        "TotalAmt": 150,
        "Line": [{"Amount": 150, "LinkedTxn": [link]}],
    }
    answers = batch(
        books,
        {"bId": "1", "operation": "create", "Payment": too_much},
        {"bId": "2", "operation": "create", "Invoice": invoice(7)},
    )
    assert code(answers["1"]) == "6000"
    assert books.query("select count(*) from Payment") == {"totalCount": 0}
    assert books.read("Invoice", bill["Id"]) == bill
    assert books.read("Customer", "1")["Balance"] == 107
    # Ids and numbers that it took are free again.
    assert int(answers["2"]["Invoice"]["Id"]) == int(bill["Id"]) + 1
    assert int(answers["2"]["Invoice"]["DocNumber"]) == int(bill["DocNumber"]) + 1


def test_a_batch_holds_thirty_items(books: QuickBooksClient) -> None:
    items = [
        {"bId": str(number), "operation": "create", "Vendor": {"DisplayName": f"Vendor {number}"}}
        for number in range(ITEMS_MAX + 1)
    ]
    refused = books.post("batch", {"BatchItemRequest": items})
    assert (refused.status_code, fault(refused)[0]) == (400, "1040")
    assert books.query("select count(*) from Vendor") == {"totalCount": 0}
    assert len(batch(books, *items[:ITEMS_MAX])) == ITEMS_MAX
    assert books.query("select count(*) from Vendor") == {"totalCount": ITEMS_MAX}


def test_a_repeated_batch_answers_the_same_and_acts_once_even_after_a_crash(
    tmp_path: Path, serve: Serve
) -> None:
    sandbox = serve(company(tmp_path / "company"), tmp_path / "state.db")
    books = QuickBooksClient.sign_in(sandbox)
    body = {
        "BatchItemRequest": [
            {"bId": "1", "operation": "create", "Invoice": invoice()},
            {"bId": "2", "operation": "create", "Customer": {"DisplayName": "Brakken"}},
        ]
    }
    first = books.post("batch", body, requestid="intent-1")
    sandbox.kill()
    sandbox.start()
    again = QuickBooksClient.sign_in(sandbox)
    assert again.post("batch", body, requestid="intent-1").text == first.text
    assert again.query("select count(*) from Invoice") == {"totalCount": 1}
    other = again.post("batch", body, requestid="intent-2")
    assert other.text != first.text
    assert again.query("select count(*) from Invoice") == {"totalCount": 2}


def test_request_id_and_item_id_have_fifty_characters_together(untouched: QuickBooksClient) -> None:
    item = {"operation": "create", "Customer": {"DisplayName": "Counted"}}
    answers = batch(untouched, {"bId": "b" * 15} | item, requestid="r" * 36)
    assert code(answers["b" * 15]) == "6000"
    answers = batch(untouched, {"bId": "b" * 14} | item, requestid="s" * 36)
    assert answers["b" * 14]["Customer"]["DisplayName"] == "Counted"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"operation": "create", "Customer": {"DisplayName": "x"}}, "2020"),
        ({"bId": "1", "operation": "create"}, "2020"),
        ({"bId": "1", "operation": "create", "Customer": {}, "Vendor": {}}, "2020"),
        ({"bId": "1", "operation": "create", "Custmoer": {}}, "500"),
        ({"bId": "1", "operation": "merge", "Customer": {"Id": "1"}}, "500"),
        ({"bId": "1", "operation": "update", "Customer": {"DisplayName": "x"}}, "2020"),
        ({"bId": "1", "operation": "delete", "Customer": {"Id": "1", "SyncToken": "0"}}, "500"),
        ({"bId": "1", "operation": "create", "TaxCode": {"Name": "x"}}, "500"),
    ],
)
def test_a_faulty_item_is_refused(
    untouched: QuickBooksClient, item: dict[str, Any], expected: str
) -> None:
    (answer,) = batch(untouched, item).values()
    assert code(answer) == expected


@pytest.mark.parametrize("body", [{}, {"BatchItemRequest": {}}, {"BatchItemRequest": ["x"]}])
def test_what_is_no_batch_is_refused(untouched: QuickBooksClient, body: dict[str, Any]) -> None:
    assert fault(untouched.post("batch", body))[0] == "2020"
