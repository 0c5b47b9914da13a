"""Debits equal credits, in every entry, at every date, and in foreign currency to the cent."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quickbooks_records import (
    ACCOUNTS,
    Record,
    balances_of,
    buckets_of,
    check,
    credit_memo,
    customer,
    document,
    euros,
    invoice,
    journal_entry,
    keep_books,
    open_documents,
    payment,
)

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.books.postings import Entry, Ledger, Posting, UnbalancedEntry

ACME = customer("1", "Acme")
EURO_RECEIVABLES = "Accounts Receivable (A/R) - EUR"


def test_the_ledger_refuses_an_entry_that_does_not_balance() -> None:
    debit = Posting("84", "USD", Decimal("10.00"), Decimal("10.00"))
    credit = Posting("79", "USD", Decimal("-9.99"), Decimal("-9.99"))
    with pytest.raises(UnbalancedEntry, match=r"Invoice 7 posts 0\.01"):
        Ledger().post(Entry(date(2026, 1, 1), "Invoice", "7", (debit, credit)))


def test_an_invoice_credits_revenue_tax_and_debits_its_discount() -> None:
    lines = [
        {
            "Amount": Decimal("100.00"),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemAccountRef": {"value": "79"}},
        },
        {"Amount": Decimal("100.00"), "DetailType": "SubTotalLineDetail"},
        {"Amount": Decimal("10.00"), "DetailType": "DiscountLineDetail"},
    ]
    tax = {"TotalTax": Decimal("7.20")}
    books = keep_books(ACME, invoice("10", "2026-01-10", "97.20", Line=lines, TxnTaxDetail=tax))
    sheet = balances_of(books, "2026-01-31")
    assert sheet["Accounts Receivable (A/R)"] == "97.20"
    assert sheet["Sales Tax Payable"] == "7.20"
    assert sheet["Net Income"] == "90.00"


def test_a_sold_line_that_names_receivables_is_revenue_all_the_same() -> None:
    """Else the control account would hold what no customer owes."""
    sold = {
        "Amount": Decimal("30.00"),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemAccountRef": {"value": "84"}},
    }
    into = {"DepositToAccountRef": {"value": "84"}}
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "30.00", Line=[sold]),
        payment("11", "2026-01-10", "10.00", **into),
    )
    sheet = balances_of(books, "2026-01-10")
    assert sheet["Accounts Receivable (A/R)"] == "20.00"
    assert (sheet["Undeposited Funds"], sheet["Net Income"]) == ("10.00", "30.00")


def test_the_lines_of_a_bundle_are_revenue() -> None:
    sold = {
        "Amount": Decimal("30.00"),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemAccountRef": {"value": "79"}},
    }
    bundle = {"Amount": 0, "DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": [sold]}}
    books = keep_books(ACME, invoice("10", "2026-01-10", "30.00", Line=[bundle]))
    assert books.ledger.balances(date(2026, 1, 10))["79"] == Decimal("-30.00")


def test_cash_sales_and_refunds_move_cash_and_no_receivable() -> None:
    into = {"DepositToAccountRef": {"value": "35"}}
    books = keep_books(
        document("SalesReceipt", "10", "2026-01-10", "50.00", **into),
        document("RefundReceipt", "11", "2026-01-11", "20.00", **into),
    )
    assert balances_of(books, "2026-01-31")["Checking"] == "30.00"
    assert buckets_of(books, "2026-01-31") == {}


def test_a_deposit_empties_undeposited_funds_into_the_bank() -> None:
    deposited = {
        "Id": "12",
        "TxnDate": "2026-01-12",
        "TotalAmt": Decimal("50.00"),
        "DepositToAccountRef": {"value": "35"},
        "Line": [{"Amount": 50, "LinkedTxn": [{"TxnId": "11", "TxnType": "Payment"}]}],
    }
    books = keep_books(ACME, payment("11", "2026-01-11", "50.00"), ("Deposit", deposited))
    assert balances_of(books, "2026-01-11")["Undeposited Funds"] == "50.00"
    after = balances_of(books, "2026-01-12")
    assert (after["Undeposited Funds"], after["Checking"]) == ("-", "50.00")


def test_a_receivable_journal_line_without_customer_is_nobodys_debt() -> None:
    books = keep_books(
        journal_entry(
            "20", "2026-01-10", ("Debit", "75.00", "84", None), ("Credit", "75.00", "79", None)
        )
    )
    assert balances_of(books, "2026-01-31")["Accounts Receivable (A/R)"] == "75.00"
    assert buckets_of(books, "2026-01-10")["Not Specified"] == "75.00 - - - - 75.00"


def test_paying_at_another_rate_is_an_exchange_gain() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00", **euros("1.10")),
        payment("11", "2026-02-10", "100.00", ("100", "Invoice", "10"), **euros("1.15")),
    )
    assert balances_of(books, "2026-01-31")[EURO_RECEIVABLES] == "110.00"
    settled = balances_of(books, "2026-02-10")
    assert settled[EURO_RECEIVABLES] == "-"
    assert settled["Undeposited Funds"] == "115.00"
    assert settled["Net Income"] == "115.00"
    gain = books.ledger.balances(date(2026, 2, 10))[books.exchange_account]
    assert gain == Decimal("-5.00")


def test_the_last_relief_takes_what_rounding_has_left() -> None:
    """A third of 1.00 at 1.115 is 0.37 three times, but the invoice was posted as 1.12."""
    books = keep_books(
        ACME,
        invoice("10", "2026-01-01", "1.00", **euros("1.115")),
        payment("12", "2026-03-01", "0.34", ("0.34", "Invoice", "10"), **euros("1.115")),
        payment("13", "2026-01-20", "0.33", ("0.33", "Invoice", "10"), **euros("1.115")),
        payment("14", "2026-02-01", "0.33", ("0.33", "Invoice", "10"), **euros("1.115")),
    )
    columns = "foreign_open_bal,subt_open_bal"
    assert open_documents(books, "2026-01-20", columns) == [["0.67", "0.75"]]
    assert open_documents(books, "2026-02-01", columns) == [["0.34", "0.38"]]
    assert balances_of(books, "2026-03-01")[EURO_RECEIVABLES] == "-"


def test_a_company_without_accounts_gets_a_receivable_account_per_currency() -> None:
    books = Books(
        [
            invoice("10", "2026-01-10", "100.00"),
            invoice("11", "2026-01-10", "100.00", **euros("1.20")),
        ],
        "USD",
    )
    sheet = balances_of(books, "2026-01-31")
    assert sheet["Accounts Receivable (A/R)"] == "100.00"
    assert sheet[EURO_RECEIVABLES] == "120.00"


def test_the_first_active_receivable_account_of_the_currency_takes_the_invoice() -> None:
    receivable = {"AccountType": "Accounts Receivable", "CurrencyRef": {"value": "USD"}}
    books = Books(
        [
            ("Account", {"Id": "12", "Name": "Second", **receivable}),
            ("Account", {"Id": "3", "Name": "Closed", "Active": False, **receivable}),
            ("Account", {"Id": "9", "Name": "First", **receivable}),
            invoice("10", "2026-01-10", "100.00"),
        ],
        "USD",
    )
    assert books.ledger.balances(date(2026, 1, 10))["9"] == Decimal("100.00")


def test_documents_may_come_before_the_accounts_but_not_between_them() -> None:
    sale = invoice("10", "2026-01-10", "100.00")
    assert Books([sale, *ACCOUNTS], "USD").items[0].account_id == "84"
    with pytest.raises(ValueError, match="accounts must come together"):
        Books([ACCOUNTS[0], sale, ACCOUNTS[1]], "USD")


DAYS = st.integers(0, 120).map(lambda day: (date(2026, 1, 1) + timedelta(days=day)).isoformat())
AMOUNTS = st.integers(0, 20_000).map(lambda cents: str(Decimal(cents) / 100))
CUSTOMERS = st.sampled_from(["1", "2", "3"])


@st.composite
def companies(draw: st.DrawFn) -> list[Record]:
    """Customers with a job, documents in two currencies, payments that link any of them."""
    ids = map(str, count(100))
    customers = [ACME, customer("2", "Acme North", parent="1"), customer("3", "Bolt")]
    records: list[Record] = []
    linkable: list[tuple[str, str]] = []

    def currency() -> dict[str, object]:
        rate = draw(st.sampled_from(["", "1.0837", "0.9", "1.37"]))
        return euros(rate) if rate else {}

    make: list[Callable[[str, str, str, str], Record]] = [
        lambda id_, day, amount, who: invoice(id_, day, amount, customer=who, **currency()),
        lambda id_, day, amount, who: credit_memo(id_, day, amount, customer=who, **currency()),
        lambda id_, day, amount, who: check(id_, day, amount, account="84", customer=who),
        lambda id_, day, amount, who: journal_entry(
            id_, day, ("Credit", amount, "84", who), ("Debit", amount, "31", None)
        ),
    ]
    for kind in draw(st.lists(st.sampled_from(make), max_size=8)):
        record = kind(next(ids), draw(DAYS), draw(AMOUNTS), draw(CUSTOMERS))
        records.append(record)
        type_ = "Check" if record[0] == "Purchase" else record[0]
        linkable.append((type_, record[1]["Id"]))
    for _ in range(draw(st.integers(0, 5))):
        links = draw(st.lists(st.sampled_from(linkable), max_size=4)) if linkable else []
        applied = [(draw(AMOUNTS), type_, linked_id) for type_, linked_id in links]
        fields = {"customer": draw(CUSTOMERS), **currency()}
        records.append(payment(next(ids), draw(DAYS), draw(AMOUNTS), *applied, **fields))
    return customers + draw(st.permutations(records))


@settings(max_examples=60, deadline=None)
@given(companies(), DAYS)
def test_any_company_balances_and_its_reports_agree_at_any_date(
    records: list[Record], day: str
) -> None:
    books = keep_books(*records)
    assert books.passed_over == []
    assert sum(books.ledger.balances(date.fromisoformat(day)).values()) == 0

    sheet = balances_of(books, day)
    assert sheet.get("TOTAL ASSETS") == sheet.get("TOTAL LIABILITIES AND EQUITY")

    *buckets, total = buckets_of(books, day).get("TOTAL", "0").split()
    assert sum(map(Decimal, buckets)) == (Decimal(total) if buckets else 0)
    assert Decimal(total) == Decimal(sheet.get("Total Accounts Receivable", "0"))

    opened = open_documents(books, day, "subt_open_bal")
    assert sum(Decimal(cells[0] or "0") for cells in opened) == Decimal(total)


@settings(max_examples=40, deadline=None)
@given(companies())
def test_no_document_is_relieved_beyond_its_total_and_a_settled_one_is_zero_at_home(
    records: list[Record],
) -> None:
    for item in keep_books(*records).items:
        for relief in item.reliefs:
            open_amount, open_home = item.open_on(relief.effective)
            assert 0 <= open_amount / item.total <= 1
            assert open_amount or not open_home


@settings(max_examples=40, deadline=None)
@given(companies())
def test_home_amounts_differ_from_the_open_amount_at_its_rate_by_a_cent_a_relief_at_most(
    records: list[Record],
) -> None:
    for item in keep_books(*records).items:
        for relief in item.reliefs:
            open_amount, open_home = item.open_on(relief.effective)
            at_its_rate = (open_amount * item.rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
            effective = sum(other.effective <= relief.effective for other in item.reliefs)
            assert abs(open_home - at_its_rate) <= Decimal("0.01") * effective
