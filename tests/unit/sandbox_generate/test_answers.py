"""The answers agree with the books, and with the sandbox's own bookkeeping of them."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from q2c_pipeline.sandbox.generate import generate
from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import BOOKED_OBJECTS, Books

from .company_folder import Folder

EXPECTED_CASES = {
    "billed_to_lookalike",
    "bundle_sold",
    "credit_at_another_rate",
    "credit_applied_in_one_line",
    "credit_applied_in_two_lines",
    "credit_dated_after_its_application",
    "credit_partly_applied",
    "credit_refunded_by_card",
    "credit_refunded_by_cheque",
    "credit_unapplied",
    "credit_with_cash",
    "customer_stops_paying",
    "deleted_invoice",
    "deleted_payment",
    "deposit_to_receivables",
    "entered_late",
    "estimate_converted",
    "estimate_not_converted",
    "foreign_customer",
    "future_dated_invoice",
    "inactive_customer",
    "inactive_item",
    "invoice_alike",
    "invoice_with_deposit",
    "job",
    "journal_transfer",
    "opening_balance",
    "opening_balance_paid",
    "overpayment",
    "overpayment_refunded_by_cheque",
    "paid_at_another_rate",
    "paid_early",
    "paid_late",
    "paid_to_twin",
    "parent_pays_job",
    "partial_payment",
    "payment_over_several_invoices",
    "prepayment_applied_later",
    "refund_cheque_unlinked",
    "refund_receipt",
    "renamed_customer",
    "renamed_item",
    "sales_receipt",
    "small_balance_write_off",
    "tax_exempt_customer",
    "unapplied_payment",
    "voided_credit",
    "voided_invoice",
    "voided_payment",
    "write_off",
}
DOCUMENT_TYPES = {
    "Invoice": "invoice",
    "CreditMemo": "credit_memo",
    "Payment": "payment",
    "JournalEntry": "journal_entry",
    "Deposit": "deposit",
    "Purchase": "purchase",
}


def _rows(folder: Folder, name: str) -> list[dict[str, str]]:
    with (folder.path / "answers" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _bookkeeping(folder: Folder) -> Books:
    records = ((entity, each) for entity in BOOKED_OBJECTS for each in folder.books(entity))
    return Books(records, "USD")


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_every_case_is_planted_in_the_smallest_company(tmp_path: Path, seed: int) -> None:
    generate(tmp_path / "company", seed=seed, invoices=300)
    kinds = {row["kind"] for row in _rows(Folder(tmp_path / "company"), "planted.csv")}
    assert kinds >= EXPECTED_CASES


def test_planted_documents_are_there_unless_they_were_deleted(company: Folder) -> None:
    present = {
        (entity, each["Id"])
        for entity in (*DOCUMENT_TYPES, "SalesReceipt", "RefundReceipt", "Estimate", "Customer")
        for each in company.books(entity)
    }
    for row in _rows(company, "planted.csv"):
        if row["object"] != "Item":
            is_there = (row["object"], row["id"]) in present
            assert is_there is not row["kind"].startswith("deleted_"), row


def test_sandbox_bookkeeping_finds_the_same_balances(company: Folder) -> None:
    books = _bookkeeping(company)
    assert books.passed_over == []
    for invoice in company.books("Invoice"):
        assert books.open_amount("Invoice", invoice["Id"]) == invoice["Balance"]
    for payment in company.books("Payment"):
        assert books.open_amount("Payment", payment["Id"]) == payment["UnappliedAmt"]
    for customer in company.books("Customer"):
        assert books.customer_balance(customer["Id"]) == customer["Balance"]


def test_sandbox_bookkeeping_finds_the_same_open_items_on_every_as_of_date(
    company: Folder,
) -> None:
    expected: dict[str, dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for row in _rows(company, "open_items.csv"):
        key = row["document_type"], row["document_id"]
        expected[row["as_of_date"]][key] = Decimal(row["open_amount"])
    assert len(expected) == 31
    assert max(expected) == "2026-07-02"
    books = _bookkeeping(company)
    for as_of, items in expected.items():
        found = {}
        for item in books.items:
            amount, _ = item.open_on(date.fromisoformat(as_of))
            if amount:
                line = f"-{item.line_id}" if item.object == "JournalEntry" else ""
                found[DOCUMENT_TYPES[item.object], item.record_id + line] = amount
        assert found == items, as_of


def test_receivables_are_the_sums_of_the_open_items(company: Folder) -> None:
    sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in _rows(company, "open_items.csv"):
        key = row["as_of_date"], row["customer_id"], row["currency"]
        sums[key] += Decimal(row["open_amount"])
    stated = {
        (row["as_of_date"], row["customer_id"], row["currency"]): Decimal(row["open_amount"])
        for row in _rows(company, "receivables.csv")
    }
    assert stated == {key: amount for key, amount in sums.items() if amount}


def test_the_summary_counts_what_is_in_the_folder(company: Folder) -> None:
    summary = json.loads((company.path / "answers" / "summary.json").read_text("utf-8"))
    for entity, count in summary["documents"].items():
        assert len(company.books(entity)) == count
    invoiced: Counter[str] = Counter()
    for invoice in company.books("Invoice"):
        invoiced[invoice["CurrencyRef"]["value"]] += invoice["TotalAmt"]
    assert {code: Decimal(text) for code, text in summary["invoiced"].items()} == invoiced
    assert sum(summary["opportunities"].values()) == len(company.crm("Opportunity"))
