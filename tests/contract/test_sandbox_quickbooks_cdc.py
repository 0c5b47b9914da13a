"""Change data capture: what it shows, in which order, how far back and how much."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import QuickBooksClient, deleted, fault, record, write_company

SINCE = "2026-02-20T00:00:00-08:00"


def february(day: int) -> str:
    return f"2026-02-{day:02d}T08:00:00-08:00"


@pytest.fixture
def books(tmp_path: Path, serve: Serve) -> QuickBooksClient:
    company = write_company(
        tmp_path / "company",
        {
            "quickbooks/Invoice": [
                deleted("3", february(21)),
                record("2", updated=february(24)),
                record("1", updated=february(23)),
                record("4", updated=february(10)),
            ],
            "quickbooks/Customer": [
                record("7", updated=february(22), Active=False),
                {"DisplayName": "No Id", "MetaData": {"LastUpdatedTime": february(23)}},
            ],
            # Offsets differ; the moments are a minute apart, the other way round than the texts.
            "quickbooks/Payment": [
                record("9", updated="2026-02-25T17:00:00Z"),
                record("8", updated="2026-02-25T09:01:00-08:00"),
            ],
        },
    )
    return QuickBooksClient.sign_in(serve(company))


def changes(books: QuickBooksClient, entities: str, since: str = SINCE) -> list[dict[str, Any]]:
    answer = books.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    assert answer.json()["time"].startswith("2026-03-02T09:")
    return list(answer.json()["CDCResponse"][0]["QueryResponse"])


def ids(answer: dict[str, Any], entity: str) -> list[str | None]:
    return [row.get("Id") for row in answer[entity]]


def test_changes_come_by_entity_oldest_first_with_the_deleted_last(books: QuickBooksClient) -> None:
    invoices, payments, terms, customers = changes(books, "Invoice,payment,Term,Customer")
    assert ids(invoices, "Invoice") == ["1", "2", "3"]
    assert invoices["Invoice"][2] == deleted("3", february(21))
    assert (invoices["startPosition"], invoices["maxResults"]) == (1, 3)
    assert ids(payments, "Payment") == ["9", "8"]
    assert terms == {}
    assert ids(customers, "Customer") == ["7", None]
    assert customers["Customer"][0]["Active"] is False


def test_the_boundary_moment_belongs_to_the_changes(books: QuickBooksClient) -> None:
    (payments,) = changes(books, "Payment", "2026-02-25T18:01:00+01:00")
    assert ids(payments, "Payment") == ["8"]


def test_it_looks_back_thirty_days_and_no_further(books: QuickBooksClient) -> None:
    assert changes(books, "Invoice", "2026-01-31T10:00:00-08:00")[0]["maxResults"] == 4
    refused = books.get("cdc", entities="Invoice", changedSince="2026-01-31T08:59:00-08:00")
    assert refused.status_code == 400
    assert "30 days" in fault(refused)[1]


@pytest.mark.parametrize(
    ("entities", "since", "code"),
    [
        ("Invoces", SINCE, "4001"),
        ("Preferences", SINCE, "500"),
        ("TaxCode", SINCE, "500"),
        ("", SINCE, "2020"),
        ("Invoice", "", "2020"),
        ("Invoice", "lately", "2080"),
    ],
)
def test_what_cannot_be_captured_is_refused(
    books: QuickBooksClient, entities: str, since: str, code: str
) -> None:
    assert fault(books.get("cdc", entities=entities, changedSince=since))[0] == code


def test_an_answer_holds_a_thousand_objects_in_all(tmp_path: Path, serve: Serve) -> None:
    company = write_company(
        tmp_path / "many",
        {
            "quickbooks/Invoice": [record(str(number)) for number in range(1, 701)],
            "quickbooks/Payment": [record(str(number)) for number in range(1001, 1701)],
        },
    )
    books = QuickBooksClient.sign_in(serve(company))
    invoices, payments, memos = changes(books, "Invoice,Payment,CreditMemo", "2026-02-10")
    assert (invoices["maxResults"], payments["maxResults"], memos) == (700, 300, {})
