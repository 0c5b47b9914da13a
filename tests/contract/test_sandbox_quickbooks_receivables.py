"""Writing receivables: totals, applications, and everything that moves with them."""

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import (
    QuickBooksClient,
    exact,
    item_line,
    record,
    write_company,
)

COUNTER = itertools.count(1)
RECEIVABLE = {"Name": "A/R", "AccountType": "Accounts Receivable", "Active": True}


@pytest.fixture(scope="module")
def books(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> QuickBooksClient:
    company = write_company(
        tmp_path_factory.mktemp("company"),
        {
            "quickbooks/Account": [
                record("84", **RECEIVABLE),
                record("4", Name="Bank", AccountType="Bank", Active=True),
                record("79", Name="Sales", AccountType="Income", Active=True),
            ],
            "quickbooks/Item": [
                record("1", Name="Services", Active=True),
                record("2", Name="Retired (deleted)", Active=False),
                record("3", Name="Gardening", Type="Category", Active=True),
            ],
            "quickbooks/Term": [
                record("3", Name="Net 30", Type="STANDARD", DueDays=30, Active=True)
            ],
            "quickbooks/Invoice": [record("500", DocNumber="1041")],
        },
    )
    return QuickBooksClient.sign_in(serve_for_module(company))


@pytest.fixture
def customer_id(books: QuickBooksClient) -> str:
    body = {"DisplayName": f"Customer {next(COUNTER)}", "SalesTermRef": {"value": "3"}}
    return str(books.write("Customer", body)["Id"])


def invoice(books: QuickBooksClient, customer_id: str, amount: float, **more: Any) -> Any:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(amount)]} | more
    return books.write("Invoice", body)


def credit_memo(books: QuickBooksClient, customer_id: str, amount: float) -> Any:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(amount)]}
    return books.write("CreditMemo", body)


def payment(
    books: QuickBooksClient, customer_id: str, total: float, *links: tuple[str, Any, float]
) -> Any:
    return books.write("Payment", payment_body(customer_id, total, *links))


def payment_body(customer_id: str, total: float, *links: tuple[str, Any, float]) -> Any:
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": linked["Id"], "TxnType": kind}]}
        for kind, linked, amount in links
    ]
    return {"CustomerRef": {"value": customer_id}, "TotalAmt": total, "Line": lines}


def balance(books: QuickBooksClient, customer_id: str) -> Decimal:
    return Decimal(books.read("Customer", customer_id)["Balance"])


def test_a_minimal_invoice_is_completed(books: QuickBooksClient, customer_id: str) -> None:
    created = invoice(books, customer_id, 100)
    assert created["TotalAmt"] == created["Balance"] == Decimal("100.00")
    assert (created["TxnDate"], created["DueDate"]) == ("2026-03-02", "2026-04-01")
    assert int(created["DocNumber"]) > 1041
    assert created["LinkedTxn"] == []
    assert created["TxnTaxDetail"] == {"TotalTax": 0}
    assert (created["EmailStatus"], created["PrintStatus"]) == ("NotSet", "NeedToPrint")
    sale, subtotal = created["Line"]
    assert (sale["Id"], sale["LineNum"], sale["Amount"]) == ("1", 1, Decimal("100.00"))
    assert sale["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert subtotal["DetailType"] == "SubTotalLineDetail"
    assert "Id" not in subtotal
    following = invoice(books, customer_id, 1)
    assert int(following["DocNumber"]) == int(created["DocNumber"]) + 1


def test_lines_add_up_exactly_less_the_discount(books: QuickBooksClient, customer_id: str) -> None:
    lines = [
        item_line(0.1, Qty=1, UnitPrice=0.1),
        item_line(0.2),
        {
            "DetailType": "GroupLineDetail",
            "GroupLineDetail": {"Line": [item_line(99.7)]},
        },
        {
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 12.345},
        },
    ]
    created = invoice(books, customer_id, 0, Line=lines)
    # 100.00 less 12.345 % is 87.655, and the discount of 12.345 rounds half up to 12.35.
    assert created["TotalAmt"] == Decimal("87.65")
    assert created["Line"][-1]["Amount"] == Decimal("12.35")


def test_the_customer_owes_what_was_invoiced_without_a_new_token(
    books: QuickBooksClient, customer_id: str
) -> None:
    before = books.read("Customer", customer_id)
    books.sandbox.advance(60)
    invoice(books, customer_id, 100.10)
    after = books.read("Customer", customer_id)
    assert after["Balance"] == after["BalanceWithJobs"] == Decimal("100.10")
    assert after["SyncToken"] == before["SyncToken"]
    assert after["MetaData"]["LastUpdatedTime"] > before["MetaData"]["LastUpdatedTime"]


def test_a_job_s_invoice_counts_in_its_parent_s_balance_with_jobs(
    books: QuickBooksClient, customer_id: str
) -> None:
    job = books.write(
        "Customer", {"DisplayName": f"Job {next(COUNTER)}", "ParentRef": {"value": customer_id}}
    )
    created = invoice(books, job["Id"], 40)
    parent = books.read("Customer", customer_id)
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (0, Decimal("40.00"))
    payment(books, customer_id, 40, ("Invoice", created, 40))
    assert books.read("Customer", customer_id)["BalanceWithJobs"] == 0
    assert balance(books, job["Id"]) == 0


def test_a_payment_settles_invoices_and_keeps_what_is_over(
    books: QuickBooksClient, customer_id: str
) -> None:
    first, second = invoice(books, customer_id, 60), invoice(books, customer_id, 50)
    books.sandbox.advance(60)
    paid = payment(books, customer_id, 100, ("Invoice", first, 60), ("Invoice", second, 30))
    assert paid["UnappliedAmt"] == Decimal("10.00")
    settled, partial = books.read("Invoice", first["Id"]), books.read("Invoice", second["Id"])
    assert (settled["Balance"], partial["Balance"]) == (0, Decimal("20.00"))
    assert settled["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert settled["MetaData"]["LastUpdatedTime"] == paid["MetaData"]["LastUpdatedTime"]
    assert balance(books, customer_id) == Decimal("10.00")


def test_a_zero_payment_applies_a_credit_memo(books: QuickBooksClient, customer_id: str) -> None:
    sale, memo = invoice(books, customer_id, 80), credit_memo(books, customer_id, 100)
    assert memo["RemainingCredit"] == memo["Balance"] == Decimal("100.00")
    payment(books, customer_id, 0, ("Invoice", sale, 80), ("CreditMemo", memo, 80))
    assert books.read("Invoice", sale["Id"])["Balance"] == 0
    assert books.read("CreditMemo", memo["Id"])["RemainingCredit"] == Decimal("20.00")
    assert balance(books, customer_id) == Decimal("-20.00")


def test_nothing_is_applied_beyond_what_is_there(books: QuickBooksClient, customer_id: str) -> None:
    sale = invoice(books, customer_id, 80)
    too_much = payment_body(customer_id, 100, ("Invoice", sale, 80.01))
    assert books.refused("Payment", too_much) == "6000"
    too_little = payment_body(customer_id, 50, ("Invoice", sale, 80))
    assert books.refused("Payment", too_little) == "6000"
    assert books.read("Invoice", sale["Id"]) == sale
    assert balance(books, customer_id) == 80


def test_sending_no_lines_unapplies_a_payment(books: QuickBooksClient, customer_id: str) -> None:
    sale = invoice(books, customer_id, 80)
    paid = payment(books, customer_id, 80, ("Invoice", sale, 80))
    identity = {"Id": paid["Id"], "SyncToken": paid["SyncToken"], "sparse": True}
    noted = books.write("Payment", identity | {"PrivateNote": "cheque"})
    assert noted["UnappliedAmt"] == 0
    free = books.write("Payment", identity | {"SyncToken": noted["SyncToken"], "Line": []})
    assert free["UnappliedAmt"] == Decimal("80.00")
    unpaid = books.read("Invoice", sale["Id"])
    assert (unpaid["Balance"], unpaid["LinkedTxn"]) == (Decimal("80.00"), [])
    assert balance(books, customer_id) == 0


def test_a_voided_invoice_is_there_and_worth_nothing(
    books: QuickBooksClient, customer_id: str
) -> None:
    line = item_line(80, Qty=2, UnitPrice=40)
    sale = invoice(books, customer_id, 80, Line=[line], PrivateNote="for May")
    paid = payment(books, customer_id, 80, ("Invoice", sale, 80))
    current = books.read("Invoice", sale["Id"])
    identity = {"Id": sale["Id"], "SyncToken": current["SyncToken"]}
    void = books.write("Invoice", identity, operation="void")
    assert (void["TotalAmt"], void["Balance"], void["LinkedTxn"]) == (0, 0, [])
    assert void["PrivateNote"].startswith("Voided")
    assert [line["Amount"] for line in void["Line"]] == [0, 0]
    assert "UnitPrice" not in void["Line"][0]["SalesItemLineDetail"]
    assert void["DocNumber"] == sale["DocNumber"]
    assert void["SyncToken"] == str(int(current["SyncToken"]) + 1)
    freed = books.read("Payment", paid["Id"])
    assert (freed["UnappliedAmt"], freed["Line"]) == (Decimal("80.00"), [])
    assert balance(books, customer_id) == -80


def test_a_voided_payment_gives_the_invoice_back(books: QuickBooksClient, customer_id: str) -> None:
    sale = invoice(books, customer_id, 80)
    paid = payment(books, customer_id, 80, ("Invoice", sale, 80))
    identity = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    void = books.write("Payment", identity, operation="update", include="void")
    assert (void["TotalAmt"], void["UnappliedAmt"], void["Line"]) == (0, 0, [])
    assert void["PrivateNote"] == "Voided"
    assert books.read("Invoice", sale["Id"])["Balance"] == Decimal("80.00")
    assert balance(books, customer_id) == 80


def test_a_deleted_invoice_leaves_a_stub_for_change_data_capture(
    books: QuickBooksClient, customer_id: str
) -> None:
    sale = invoice(books, customer_id, 80)
    identity = {"Id": sale["Id"], "SyncToken": "0"}
    shown = books.write("Invoice", identity, operation="delete")
    assert shown == {"domain": "QBO", "status": "Deleted", "Id": sale["Id"]}
    assert books.refused("Invoice", identity, operation="delete") == "610"
    changes = books.get("cdc", entities="Invoice", changedSince="2026-03-02T00:00:00-08:00")
    captured = changes.json()["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
    assert captured[-1]["status"] == "Deleted"
    assert balance(books, customer_id) == 0


def test_a_line_keeps_its_id_only_if_it_is_sent(books: QuickBooksClient, customer_id: str) -> None:
    sale = invoice(books, customer_id, 80)
    lines = [sale["Line"][0] | {"Amount": 70}, item_line(5)]
    body = {"Id": sale["Id"], "SyncToken": "0", "sparse": True, "Line": plain(lines)}
    updated = books.write("Invoice", body)
    assert [line.get("Id") for line in updated["Line"]] == ["1", "2", None]
    assert updated["TotalAmt"] == updated["Balance"] == Decimal("75.00")
    renewed = books.write("Invoice", body | {"SyncToken": "1", "Line": [item_line(75)]})
    assert renewed["Line"][0]["Id"] == "3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CustomerRef": None}, "2020"),
        ({"CustomerRef": {"value": "9999"}}, "2500"),
        ({"Line": []}, "2020"),
        ({"Line": [item_line(10, Qty=3, UnitPrice=4)]}, "6070"),
        ({"Line": [item_line(10, item="9999")]}, "2500"),
        ({"Line": [item_line(10, item="2")]}, "610"),
        ({"Line": [item_line(10, TaxCodeRef={"value": "7"})]}, "6100"),
        ({"Line": [{"DetailType": "SalesItemLineDetail"}]}, "2020"),
        ({"Line": [{"Amount": "ten", "DetailType": "SalesItemLineDetail"}]}, "2080"),
        ({"Line": [{"Amount": 10, "DetailType": "Nonsense"}]}, "2170"),
        ({"DocNumber": "1041"}, "6140"),
        ({"DocNumber": "x" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"),
        ({"Line": [item_line(10) | {"Description": "x" * 4001}]}, "2050"),
        ({"Line": [item_line(10, Quantity=2)]}, "2010"),
        ({"Line": [item_line(10, item="3")]}, "6000"),
        ({"SalesTermRef": {"value": "9999"}}, "2500"),
        ({"DepositToAccountRef": {"value": "9999"}}, "2500"),
        ({"TxnDate": "yesterday"}, "2080"),
        ({"EmailStatus": "NeedToSend"}, "2020"),
        ({"CurrencyRef": {"value": "EUR"}}, "6000"),
        ({"Invoices": []}, "2010"),
    ],
)
def test_a_faulty_invoice_is_refused(
    books: QuickBooksClient, customer_id: str, change: dict[str, Any], code: str
) -> None:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(10)]} | change
    assert books.refused("Invoice", body) == code
    assert balance(books, customer_id) == 0


def test_a_duplicate_number_names_its_owner_and_may_be_insisted_on(
    books: QuickBooksClient, customer_id: str
) -> None:
    body = {
        "CustomerRef": {"value": customer_id},
        "Line": [item_line(10)],
        "DocNumber": "1041",
    }
    refused = books.post("invoice", body).json()["Fault"]["Error"][0]["Detail"]
    assert "DocNumber=1041 is assigned to TxnType=Invoice with TxnId=500" in refused
    kept = books.write("Invoice", body, include="allowduplicatedocnum")
    assert kept["DocNumber"] == "1041"


def test_zero_quantity_at_zero_price_passes_with_any_amount(
    books: QuickBooksClient, customer_id: str
) -> None:
    created = invoice(books, customer_id, 0, Line=[item_line(100, Qty=0, UnitPrice=0)])
    assert created["TotalAmt"] == 100


def test_a_journal_credit_moves_the_customer_and_no_invoice(
    books: QuickBooksClient, customer_id: str
) -> None:
    sale = invoice(books, customer_id, 80)
    entity = {"Type": "Customer", "EntityRef": {"value": customer_id}}
    lines = [journal_line("Credit", "84", 30, Entity=entity), journal_line("Debit", "79", 30)]
    entry = books.write("JournalEntry", {"Line": lines})
    assert [line["Id"] for line in entry["Line"]] == ["0", "1"]
    assert balance(books, customer_id) == 50
    assert books.read("Invoice", sale["Id"])["Balance"] == 80
    nameless = [journal_line("Credit", "84", 30), journal_line("Debit", "79", 30)]
    assert books.refused("JournalEntry", {"Line": nameless}) == "6000"
    assert books.refused("JournalEntry", {"Line": lines[:1]}) == "6000"


def test_a_customer_with_an_open_balance_stays_active(
    books: QuickBooksClient, customer_id: str
) -> None:
    invoice(books, customer_id, 80)
    body = {"Id": customer_id, "SyncToken": "0", "sparse": True, "Active": False}
    refused = books.post("customer", body).json()["Fault"]["Error"][0]
    assert refused["Message"] == "Delete List Has Balance Error"


def test_the_ageing_report_adds_up_to_the_balances(
    books: QuickBooksClient, customer_id: str
) -> None:
    invoice(books, customer_id, 80, TxnDate="2026-01-01", DueDate="2026-01-30")
    report = exact(books.get("reports/AgedReceivables", report_date="2026-03-02"))
    rows = {
        row["ColData"][0].get("id"): [cell["value"] for cell in row["ColData"][1:]]
        for row in report["Rows"]["Row"]
        if "ColData" in row
    }
    assert rows[customer_id] == ["", "", "80.00", "", "", "80.00"]
    nonsense = books.get("reports/Nonsense")
    assert (nonsense.status_code, nonsense.json()["Fault"]["Error"][0]["code"]) == (400, "500")


def journal_line(side: str, account: str, amount: float, **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}} | detail,
    }


def plain(value: Any) -> Any:
    """The value with its Decimals as numbers that a client's JSON writer takes."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return float(value) if isinstance(value, Decimal) else value


def test_a_foreign_invoice_tells_home_amounts_at_its_own_rate(tmp_path: Path, serve: Serve) -> None:
    euro = {"value": "EUR"}
    company = write_company(
        tmp_path / "company",
        {
            "quickbooks/Account": [
                record("84", **RECEIVABLE, CurrencyRef={"value": "USD"}),
                record("85", **RECEIVABLE, CurrencyRef=euro),
            ],
            "quickbooks/Item": [record("1", Name="Services", Active=True)],
            "quickbooks/Customer": [
                record("7", DisplayName="Ärger GmbH", CurrencyRef=euro, Balance=0, Active=True)
            ],
            "quickbooks/ExchangeRate": [
                {"SourceCurrencyCode": "EUR", "Rate": 1.095, "AsOfDate": "2026-02-01"}
            ],
        },
    )
    books = QuickBooksClient.sign_in(serve(company))
    sale = invoice(books, "7", 33.33)
    assert sale["CurrencyRef"] == euro | {"name": "Euro"}
    assert sale["ExchangeRate"] == Decimal("1.095")
    # 33.33 at 1.095 is 36.49635.
    assert sale["HomeTotalAmt"] == sale["HomeBalance"] == Decimal("36.50")
    assert balance(books, "7") == Decimal("33.33")
    payment(books, "7", 33.33, ("Invoice", sale, 33.33))
    assert books.read("Invoice", sale["Id"])["HomeBalance"] == 0
    dollars = payment_body("7", 10) | {"CurrencyRef": {"value": "USD"}}
    assert books.refused("Payment", dollars) == "6000"


def test_nothing_up_to_the_closing_date_changes(tmp_path: Path, serve: Serve) -> None:
    company = write_company(
        tmp_path / "company",
        {
            "quickbooks/Preferences": [
                record("1", AccountingInfoPrefs={"BookCloseDate": "2026-01-31"})
            ],
            "quickbooks/Item": [record("1", Name="Services", Active=True)],
            "quickbooks/Customer": [record("7", DisplayName="Brakken", Balance=10, Active=True)],
            "quickbooks/Invoice": [
                record(
                    "9",
                    DocNumber="1001",
                    TxnDate="2026-01-31",
                    CustomerRef={"value": "7"},
                    TotalAmt=10,
                    Balance=10,
                    Line=[item_line(10)],
                )
            ],
        },
    )
    books = QuickBooksClient.sign_in(serve(company))
    identity = {"Id": "9", "SyncToken": "0"}
    new = {"CustomerRef": {"value": "7"}, "Line": [item_line(5)], "TxnDate": "2026-01-31"}
    assert books.refused("Invoice", new) == "6210"
    assert books.refused("Invoice", identity | {"sparse": True, "TxnDate": "2026-02-01"}) == "6210"
    assert books.refused("Invoice", identity, operation="void") == "6210"
    assert books.refused("Invoice", identity, operation="delete") == "6210"
    assert books.write("Invoice", new | {"TxnDate": "2026-02-01"})["TotalAmt"] == 5


def test_an_invoice_closes_the_estimate_it_is_made_from(
    books: QuickBooksClient, customer_id: str
) -> None:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(10)]}
    offered = books.write("Estimate", body)
    link = [{"TxnId": offered["Id"], "TxnType": "Estimate"}]
    billed = invoice(books, customer_id, 10, LinkedTxn=link)
    closed = books.read("Estimate", offered["Id"])
    assert (closed["TxnStatus"], closed["SyncToken"]) == ("Closed", "1")
    assert closed["LinkedTxn"] == [{"TxnId": billed["Id"], "TxnType": "Invoice"}]
    books.write("Invoice", {"Id": billed["Id"], "SyncToken": "0"}, operation="delete")
    opened = books.read("Estimate", offered["Id"])
    assert (opened["TxnStatus"], opened["LinkedTxn"]) == ("Pending", [])
    other = books.write("Customer", {"DisplayName": f"Other {offered['Id']}"})["Id"]
    unknown = [{"TxnId": "0", "TxnType": "Estimate"}]
    assert books.refused("Invoice", body | {"LinkedTxn": unknown}) == "610"
    stranger = body | {"CustomerRef": {"value": other}, "LinkedTxn": link}
    assert books.refused("Invoice", stranger) == "620"


def test_estimates_may_share_a_number(books: QuickBooksClient, customer_id: str) -> None:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(1)], "DocNumber": "E-1"}
    ids = {books.write("Estimate", body)["Id"] for _ in range(2)}
    assert len(ids) == 2


def test_an_invoice_changed_to_less_than_was_paid_frees_the_cash(
    books: QuickBooksClient, customer_id: str
) -> None:
    sold = invoice(books, customer_id, 100)
    paid = payment(books, customer_id, 100, ("Invoice", sold, 100))
    current = books.read("Invoice", sold["Id"])
    edited = {"Id": sold["Id"], "SyncToken": current["SyncToken"], "sparse": True}
    books.write("Invoice", edited | {"Line": [item_line(70)]})
    assert books.read("Invoice", sold["Id"])["Balance"] == 0
    assert books.read("Payment", paid["Id"])["UnappliedAmt"] == Decimal("30.00")
    assert balance(books, customer_id) == Decimal("-30.00")


def test_a_sale_below_zero_is_refused(books: QuickBooksClient, customer_id: str) -> None:
    body = {"CustomerRef": {"value": customer_id}, "Line": [item_line(-1)]}
    assert books.refused("Invoice", body) == "6000"


def test_a_receivable_line_must_name_a_customer(books: QuickBooksClient, customer_id: str) -> None:
    def entry(entity: dict[str, Any]) -> dict[str, Any]:
        receivable = {"PostingType": "Debit", "AccountRef": {"value": "84"}} | entity
        income = {"PostingType": "Credit", "AccountRef": {"value": "79"}}
        return {
            "Line": [
                {"Amount": 10, "DetailType": kind, kind: detail}
                for kind, detail in (
                    ("JournalEntryLineDetail", receivable),
                    ("JournalEntryLineDetail", income),
                )
            ]
        }

    named = {"EntityRef": {"value": customer_id}}
    assert books.refused("JournalEntry", entry({})) == "6000"
    assert books.refused("JournalEntry", entry({"Entity": named | {"Type": "Vendor"}})) == "6000"
    books.write("JournalEntry", entry({"Entity": named | {"Type": "Customer"}}))
    assert balance(books, customer_id) == Decimal("10.00")
