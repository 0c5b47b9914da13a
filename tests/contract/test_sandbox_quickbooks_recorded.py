"""The recorded books, served: what comes out is what was recorded, and it adds up."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import QuickBooksClient, exact


@pytest.fixture(scope="module")
def books(serve_for_module: Serve, recorded_books: Path) -> QuickBooksClient:
    return QuickBooksClient.sign_in(serve_for_module(recorded_books / "t1"))


def test_open_amounts_customers_and_the_report_agree(books: QuickBooksClient) -> None:
    invoices = books.query("select * from Invoice maxresults 1000")["Invoice"]
    assert sum(Decimal(invoice["Balance"]) for invoice in invoices) == Decimal("5881.52")
    customers = books.query("select * from Customer where Active in (true, false)")["Customer"]
    assert sum(Decimal(customer["Balance"]) for customer in customers) == Decimal("5681.52")
    report = exact(books.get("reports/AgedReceivables"))
    total = report["Rows"]["Row"][-1]["Summary"]["ColData"][-1]["value"]
    assert Decimal(total) == Decimal("5681.52")


def test_a_whole_recorded_invoice_may_be_sent_back(books: QuickBooksClient) -> None:
    recorded = books.get("invoice/130").json()["Invoice"]
    note = recorded | {"PrivateNote": "checked", "sparse": True}
    written = books.write("Invoice", note)
    assert written["PrivateNote"] == "checked"
    assert written["Balance"] == Decimal("362.07")
    assert written["SyncToken"] == str(int(recorded["SyncToken"]) + 1)


def test_a_payment_moves_only_what_it_touches(books: QuickBooksClient) -> None:
    others = books.query("select * from Invoice where Balance > '0' orderby Id")["Invoice"]
    target = next(invoice for invoice in others if invoice["Id"] == "16")
    customer_id = target["CustomerRef"]["value"]
    before = Decimal(books.read("Customer", customer_id)["Balance"])
    line = {"Amount": 450, "LinkedTxn": [{"TxnId": "16", "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": customer_id}, "TotalAmt": 450, "Line": [line]}
    books.write("Payment", body)
    after = books.query("select * from Invoice orderby Id")["Invoice"]
    unchanged = {invoice["Id"]: invoice for invoice in after}
    assert unchanged.pop("16")["Balance"] == 0
    assert all(unchanged[other["Id"]] == other for other in others if other["Id"] != "16")
    assert Decimal(books.read("Customer", customer_id)["Balance"]) == before - 450


def test_a_deposited_payment_stays_as_it_is(books: QuickBooksClient) -> None:
    deposited = books.read("Payment", "98")
    identity = {"Id": "98", "SyncToken": deposited["SyncToken"]}
    assert books.refused("Payment", identity, operation="delete") == "6540"
