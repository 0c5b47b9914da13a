"""Documents as customers get them: sent, printed, linked."""

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


@pytest.fixture(scope="module")
def books(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> QuickBooksClient:
    company = write_company(
        tmp_path_factory.mktemp("company"),
        {
            "quickbooks/Item": [record("1", Name="Services", Active=True)],
            "quickbooks/Customer": [record("1", DisplayName="Brakken (Oslo)", Active=True)],
        },
    )
    return QuickBooksClient.sign_in(serve_for_module(company))


def invoice(books: QuickBooksClient, **more: Any) -> dict[str, Any]:
    body = {"CustomerRef": {"value": "1"}, "Line": [item_line(12.5)]} | more
    return books.write("Invoice", body)


def send(books: QuickBooksClient, path: str, **parameters: str) -> Any:
    return books.post(f"{path}/send", None, **parameters)


def test_a_sent_invoice_says_when_and_to_whom(books: QuickBooksClient) -> None:
    unsent = invoice(books, BillEmail={"Address": "ap@brakken.example"})
    answer = send(books, f"invoice/{unsent['Id']}")
    sent = exact(answer)["Invoice"]
    assert (sent["EmailStatus"], sent["DeliveryInfo"]["DeliveryType"]) == ("EmailSent", "Email")
    assert sent["DeliveryInfo"]["DeliveryTime"] == sent["MetaData"]["LastUpdatedTime"]
    assert sent["SyncToken"] == "1"
    assert books.read("Invoice", unsent["Id"]) == sent


def test_another_address_may_be_named(books: QuickBooksClient) -> None:
    unsent = invoice(books)
    path = f"invoice/{unsent['Id']}"
    assert fault(send(books, path))[0] == "2020"
    assert fault(send(books, path, sendTo="nobody"))[0] == "2080"
    sent = exact(send(books, path, sendTo="cfo@brakken.example"))["Invoice"]
    assert sent["BillEmail"] == {"Address": "cfo@brakken.example"}


def test_a_repeated_request_id_sends_once(books: QuickBooksClient) -> None:
    path = f"invoice/{invoice(books)['Id']}"
    first = send(books, path, sendTo="cfo@brakken.example", requestid="send-1")
    assert send(books, path, sendTo="cfo@brakken.example", requestid="send-1").text == first.text
    assert books.read("Invoice", exact(first)["Invoice"]["Id"])["SyncToken"] == "1"


def test_what_is_not_sent_or_printed_is_refused(books: QuickBooksClient) -> None:
    assert fault(send(books, "customer/1"))[0] == "500"
    assert fault(send(books, "invoice/999"))[0] == "610"
    assert fault(books.get("customer/1/pdf"))[0] == "500"
    assert fault(books.get("invoice/999/pdf"))[0] == "610"


def test_a_pdf_shows_the_document(books: QuickBooksClient) -> None:
    shown = invoice(books, DocNumber="INV-7", TxnDate="2026-03-01")
    answer = books.get(f"invoice/{shown['Id']}/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    for text in (b"(Invoice INV-7)", b"(2026-03-01)", rb"(Brakken \(Oslo\))", b"(12.50 USD)"):
        assert text in answer.content
    assert books.get(f"invoice/{shown['Id']}/pdf").content == answer.content


def test_a_pdf_s_table_points_at_its_objects(books: QuickBooksClient) -> None:
    pdf = books.get(f"invoice/{invoice(books)['Id']}/pdf").content
    table_at = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert pdf[table_at:].startswith(b"xref\n0 6\n")
    entries = pdf[table_at:].split(b"\n")[3:8]
    for number, entry in enumerate(entries, start=1):
        assert pdf[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_an_invoice_link_comes_only_when_asked_for(books: QuickBooksClient) -> None:
    path = f"invoice/{invoice(books)['Id']}"
    asked = exact(books.get(path, include="invoiceLink"))["Invoice"]["InvoiceLink"]
    assert asked.startswith("https://")
    assert exact(books.get(path, include="invoiceLink"))["Invoice"]["InvoiceLink"] == asked
    assert "InvoiceLink" not in exact(books.get(path))["Invoice"]
    statement = "select * from Invoice maxresults 1000"
    listed = exact(books.get("query", query=statement, include="invoiceLink"))["QueryResponse"]
    links = [found["InvoiceLink"] for found in listed["Invoice"]]
    assert len(set(links)) == len(links)
    assert "InvoiceLink" not in books.query(statement)["Invoice"][0]


@pytest.mark.parametrize("minorversion", ["1", "75", ""])
def test_any_minor_version_is_taken(books: QuickBooksClient, minorversion: str) -> None:
    assert books.get("preferences", minorversion=minorversion).status_code == 200


def test_an_answer_is_no_younger_than_what_it_changed(books: QuickBooksClient) -> None:
    body = {"CustomerRef": {"value": "1"}, "Line": [item_line(1)]}
    answer = exact(books.post("invoice", body))
    told, changed = answer["time"], answer["Invoice"]["MetaData"]["LastUpdatedTime"]
    assert told[:19] <= changed[:19]


@pytest.mark.parametrize("number", ["007", None])
def test_a_company_may_number_its_documents_itself(
    tmp_path: Path, serve: Serve, number: str | None
) -> None:
    company = write_company(
        tmp_path / "company",
        {
            "quickbooks/Preferences": [record("1", SalesFormsPrefs={"CustomTxnNumbers": True})],
            "quickbooks/Item": [record("1", Name="Services", Active=True)],
            "quickbooks/Customer": [record("1", DisplayName="Brakken", Active=True)],
        },
    )
    own = QuickBooksClient.sign_in(serve(company))
    assert invoice(own, DocNumber=number).get("DocNumber") == number
