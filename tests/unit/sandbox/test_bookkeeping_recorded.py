"""The recorded sample company, whose balances were computed by the vendor."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from quickbooks_records import buckets_of, open_documents

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books

Recorded = list[tuple[str, dict[str, Any]]]


def read(folder: Path) -> Recorded:
    return [
        (path.stem, record)
        for path in sorted((folder / "quickbooks").glob("*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    ]


@pytest.fixture
def t1(recorded_books: Path) -> tuple[Recorded, Books]:
    records = read(recorded_books / "t1")
    return records, Books(records, "USD")


def test_every_document_is_as_open_as_the_vendor_says(t1: tuple[Recorded, Books]) -> None:
    records, books = t1
    assert books.passed_over == []
    fields = {"Invoice": "Balance", "CreditMemo": "Balance", "Payment": "UnappliedAmt"}
    assert sum(object_name in fields for object_name, _ in records) > 50
    for object_name, record in records:
        if object_name in fields:
            ours = books.open_amount(object_name, record["Id"])
            assert (object_name, record["Id"], ours) == (
                object_name,
                record["Id"],
                record[fields[object_name]],
            )


def test_every_customer_owes_what_the_vendor_says(t1: tuple[Recorded, Books]) -> None:
    records, books = t1
    for object_name, record in records:
        if object_name == "Customer":
            balance = books.customer_balance(record["Id"])
            assert (record["Id"], balance) == (record["Id"], record["Balance"])


def test_receivables_add_up_to_the_known_total(t1: tuple[Recorded, Books]) -> None:
    _, books = t1
    assert buckets_of(books, "2026-05-05")["TOTAL"].endswith(" 5681.52")
    assert books.ledger.balances(date(2026, 5, 5))["84"] == Decimal("5681.52")


def test_a_credit_memo_counts_from_its_own_date_though_applied_earlier(
    t1: tuple[Recorded, Books],
) -> None:
    _, books = t1
    before = open_documents(books, "2026-05-04", "txn_type,doc_num,subt_open_bal,cust_name")
    after = open_documents(books, "2026-05-05", "txn_type,doc_num,subt_open_bal,cust_name")
    applied = [row[:3] for row in before if row not in after]
    assert [row[2] for row in applied] == ["100.00"]
    assert applied[0][0] == "Invoice"


def test_the_earlier_recording_adds_up_too(recorded_books: Path) -> None:
    """Its customers carry later balances; one of them is 400.00 ahead of its documents."""
    records = read(recorded_books / "t0")
    books = Books(records, "USD")
    assert sum(item.open_amount for item in books.items) == Decimal("5281.52")
    ahead = {
        record["Id"]: record["Balance"] - books.customer_balance(record["Id"])
        for object_name, record in records
        if object_name == "Customer"
    }
    assert {id_: amount for id_, amount in ahead.items() if amount} == {"1": Decimal(400)}
