"""What settles what, from when on, and what is left open."""

from decimal import Decimal
from typing import Any

import pytest
from quickbooks_records import (
    balances_of,
    buckets_of,
    check,
    credit_memo,
    customer,
    euros,
    invoice,
    journal_entry,
    keep_books,
    open_documents,
    payment,
)

ACME = customer("1", "Acme")


def test_a_partial_payment_leaves_the_rest_open() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        payment("11", "2026-02-10", "30", ("30", "Invoice", "10")),
    )
    assert books.open_amount("Invoice", "10") == Decimal("70.00")
    assert books.open_amount("Payment", "11") == 0
    assert books.customer_balance("1") == Decimal("70.00")


def test_one_payment_splits_over_two_invoices_and_keeps_the_rest_unapplied() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        invoice("12", "2026-01-20", "50.00"),
        payment("13", "2026-02-10", "180.00", ("100", "Invoice", "10"), ("40", "Invoice", "12")),
    )
    assert books.open_amount("Invoice", "10") == 0
    assert books.open_amount("Invoice", "12") == Decimal("10.00")
    assert books.open_amount("Payment", "13") == Decimal("40.00")
    assert books.customer_balance("1") == Decimal("-30.00")


def test_a_payment_received_later_does_not_change_an_earlier_month_end() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        payment("11", "2026-02-10", "100.00", ("100", "Invoice", "10")),
    )
    assert buckets_of(books, "2026-01-09") == {}
    assert buckets_of(books, "2026-01-31")["TOTAL"].endswith(" 100.00")
    assert buckets_of(books, "2026-02-10") == {}


def test_a_payment_ahead_of_its_invoice_is_unapplied_cash_until_then() -> None:
    books = keep_books(
        ACME,
        payment("9", "2026-01-05", "100.00", ("100", "Invoice", "10")),
        invoice("10", "2026-01-20", "100.00", DueDate="2026-02-19"),
    )
    assert buckets_of(books, "2026-01-19")["Acme"] == "- -100.00 - - - -100.00"
    assert buckets_of(books, "2026-01-20") == {}


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            [
                {"Amount": 40, "LinkedTxn": [{"TxnType": "Invoice", "TxnId": "10"}]},
                {"Amount": 40, "LinkedTxn": [{"TxnType": "CreditMemo", "TxnId": "11"}]},
            ],
            id="two lines",
        ),
        pytest.param(
            [
                {
                    "Amount": 40,
                    "LinkedTxn": [
                        {"TxnType": "Invoice", "TxnId": "10"},
                        {"TxnType": "CreditMemo", "TxnId": "11"},
                    ],
                }
            ],
            id="one line with both links",
        ),
    ],
)
def test_a_payment_of_nothing_applies_a_credit_memo(lines: list[dict[str, Any]]) -> None:
    linking = payment("12", "2026-02-10", "0")
    linking[1]["Line"] = lines
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        credit_memo("11", "2026-03-01", "40.00"),
        linking,
    )
    assert books.open_amount("Invoice", "10") == Decimal("60.00")
    assert books.open_amount("CreditMemo", "11") == 0
    columns = "txn_type,subt_open_bal"
    assert open_documents(books, "2026-02-28", columns) == [["Invoice", "100.00"]]
    assert open_documents(books, "2026-03-01", columns) == [["Invoice", "60.00"]]


def test_a_credit_counts_from_the_payment_that_applies_it() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        credit_memo("11", "2026-01-15", "100.00"),
        payment("12", "2026-03-01", "0", ("100", "Invoice", "10"), ("100", "CreditMemo", "11")),
    )
    columns = "txn_type,subt_open_bal"
    both = [["Invoice", "100.00"], ["Credit Memo", "-100.00"]]
    assert open_documents(books, "2026-02-28", columns) == both
    assert open_documents(books, "2026-03-01", columns) == []


def test_a_credit_that_takes_effect_later_does_not_hide_cash_received_before() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        credit_memo("11", "2026-04-01", "40.00"),
        payment("12", "2026-02-01", "0", ("40", "Invoice", "10"), ("40", "CreditMemo", "11")),
        payment("13", "2026-03-01", "60.00", ("60", "Invoice", "10")),
    )
    assert open_documents(books, "2026-03-31", "subt_open_bal") == [["40.00"]]


def test_credits_come_before_cash_each_oldest_first() -> None:
    """The old invoice is settled by both credits, so the February cash settles the young one."""
    books = keep_books(
        ACME,
        invoice("10", "2026-01-02", "60.00"),
        invoice("9", "2026-01-20", "50.00"),
        credit_memo("21", "2026-03-01", "40.00"),
        credit_memo("20", "2026-04-01", "20.00"),
        payment(
            "30",
            "2026-02-01",
            "50.00",
            ("50", "Invoice", "9"),
            ("60", "Invoice", "10"),
            ("20", "CreditMemo", "20"),
            ("40", "CreditMemo", "21"),
        ),
    )
    columns = "txn_type,doc_num,subt_open_bal"
    assert open_documents(books, "2026-02-28", columns) == [["Invoice", "", "60.00"]]
    assert open_documents(books, "2026-03-31", columns) == [["Invoice", "", "20.00"]]
    assert open_documents(books, "2026-04-01", columns) == []


def test_a_deposit_settles_its_invoice_on_the_invoice_date() -> None:
    deposit = {"Deposit": Decimal("30.00"), "DepositToAccountRef": {"value": "35"}}
    books = keep_books(ACME, invoice("10", "2026-01-10", "100.00", **deposit))
    assert books.open_amount("Invoice", "10") == Decimal("70.00")
    sheet = balances_of(books, "2026-01-10")
    assert (sheet["Accounts Receivable (A/R)"], sheet["Checking"]) == ("70.00", "30.00")


def test_a_deposit_above_the_total_stops_at_the_total() -> None:
    books = keep_books(ACME, invoice("10", "2026-01-10", "100.00", Deposit=Decimal("130.00")))
    assert books.open_amount("Invoice", "10") == 0
    assert books.customer_balance("1") == 0


def test_a_void_is_zero_at_every_date_and_frees_its_cash() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "0", PrivateNote="Voided"),
        payment("11", "2026-02-10", "100.00", ("100", "Invoice", "10")),
    )
    assert books.open_amount("Invoice", "10") == 0
    assert books.open_amount("Payment", "11") == Decimal("100.00")
    assert buckets_of(books, "2026-01-31") == {}


def test_a_journal_write_off_linked_by_a_payment_settles_the_invoice() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "75.00"),
        journal_entry(
            "20", "2026-03-31", ("Credit", "75.00", "84", "1"), ("Debit", "75.00", "31", None)
        ),
        payment("21", "2026-03-31", "0", ("75", "Invoice", "10"), ("75", "JournalEntry", "20")),
    )
    assert books.open_amount("Invoice", "10") == 0
    assert books.open_amount("JournalEntry", "20") == 0
    assert buckets_of(books, "2026-03-30")["TOTAL"].endswith("75.00")
    assert buckets_of(books, "2026-03-31") == {}


def test_a_payment_settles_the_journal_line_of_its_own_customer() -> None:
    """The entry moves a debt from one customer to another; the new debtor pays it."""
    books = keep_books(
        ACME,
        customer("2", "Bolt"),
        invoice("10", "2026-01-10", "80.00", customer="2"),
        journal_entry(
            "20", "2026-02-01", ("Debit", "80.00", "84", "1"), ("Credit", "80.00", "84", "2")
        ),
        payment("21", "2026-02-20", "80.00", ("80", "JournalEntry", "20")),
        payment(
            "22",
            "2026-02-21",
            "0",
            ("80", "Invoice", "10"),
            ("80", "JournalEntry", "20"),
            customer="2",
        ),
    )
    assert buckets_of(books, "2026-02-19")["Acme"].endswith(" 80.00")
    assert buckets_of(books, "2026-02-21") == {}
    assert books.open_amount("Payment", "21") == 0


def test_a_parent_pays_the_line_of_its_job_in_an_entry_of_several_customers() -> None:
    books = keep_books(
        ACME,
        customer("2", "Acme North", parent="1"),
        customer("3", "Bolt"),
        journal_entry(
            "20",
            "2026-01-01",
            ("Debit", "60.00", "84", "3"),
            ("Debit", "90.00", "84", "2"),
            ("Credit", "20.00", "84", "2"),
            ("Credit", "130.00", "79", None),
        ),
        payment("21", "2026-02-01", "90.00", ("90", "JournalEntry", "20")),
        payment("22", "2026-02-02", "70.00", ("70", "JournalEntry", "20"), customer="9"),
    )
    columns = "cust_name,subt_open_bal"
    assert open_documents(books, "2026-02-02", columns) == [
        ["Acme North", "-20.00"],
        ["9", "-10.00"],
    ]


def test_a_credit_that_is_gone_leaves_its_invoice_to_the_next_payment() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        payment("12", "2026-02-01", "0", ("30", "Invoice", "10"), ("30", "CreditMemo", "11")),
        payment("13", "2026-03-01", "100.00", ("100", "Invoice", "10")),
    )
    assert open_documents(books, "2026-02-01", "subt_open_bal") == [["100.00"]]
    assert open_documents(books, "2026-03-01", "subt_open_bal") == []


def test_a_credit_without_its_invoice_is_free_for_the_next_payment() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "30.00"),
        credit_memo("11", "2026-01-10", "30.00"),
        payment("12", "2026-02-01", "0", ("30", "Invoice", "9"), ("30", "CreditMemo", "11")),
        payment("13", "2026-03-01", "0", ("30", "Invoice", "10"), ("30", "CreditMemo", "11")),
    )
    assert len(open_documents(books, "2026-02-28", "subt_open_bal")) == 2
    assert open_documents(books, "2026-03-01", "subt_open_bal") == []


def test_a_line_of_a_credit_and_a_charge_ties_just_these_two() -> None:
    """The later credit waits for its own date; nothing of the other pair does."""
    linking = payment("30", "2026-02-01", "0")
    linking[1]["Line"] = [
        {
            "Amount": 40,
            "LinkedTxn": [
                {"TxnType": "Invoice", "TxnId": invoice_id},
                {"TxnType": "CreditMemo", "TxnId": credit_id},
            ],
        }
        for invoice_id, credit_id in (("10", "21"), ("11", "20"))
    ]
    books = keep_books(
        ACME,
        invoice("10", "2026-01-02", "40.00"),
        invoice("11", "2026-01-03", "40.00"),
        credit_memo("20", "2026-01-20", "40.00"),
        credit_memo("21", "2026-04-01", "40.00"),
        linking,
    )
    columns = "tx_date,subt_open_bal"
    assert open_documents(books, "2026-03-31", columns) == [["2026-01-02", "40.00"]]
    assert open_documents(books, "2026-04-01", columns) == []


def test_a_check_to_receivables_refunds_a_credit() -> None:
    books = keep_books(
        ACME,
        credit_memo("10", "2026-01-10", "40.00"),
        check("11", "2026-01-15", "40.00", account="84", customer="1"),
        payment("12", "2026-01-15", "0", ("40", "CreditMemo", "10"), ("40", "Check", "11")),
    )
    assert books.open_amount("CreditMemo", "10") == 0
    assert books.customer_balance("1") == 0
    assert buckets_of(books, "2026-01-14")["Acme"].endswith("-40.00")
    assert buckets_of(books, "2026-01-15") == {}
    assert balances_of(books, "2026-01-15")["Checking"] == "-40.00"


def test_a_credit_card_credit_to_receivables_settles_an_invoice() -> None:
    name, returned = check("11", "2026-01-15", "40.00", account="84", customer="1")
    returned |= {"PaymentType": "CreditCard", "Credit": True}
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "40.00"),
        (name, returned),
        payment("12", "2026-01-15", "0", ("40", "Invoice", "10"), ("40", "CreditCardCredit", "11")),
    )
    columns = "txn_type,subt_open_bal"
    assert open_documents(books, "2026-01-14", columns) == [["Invoice", "40.00"]]
    assert books.open_amount("Invoice", "10") == 0
    assert balances_of(books, "2026-01-15")["Checking"] == "40.00"


def test_a_deposit_line_on_receivables_credits_the_customer() -> None:
    line = {
        "Id": "1",
        "Amount": Decimal("25.00"),
        "DepositLineDetail": {
            "AccountRef": {"value": "84"},
            "Entity": {"value": "1", "type": "CUSTOMER"},
        },
    }
    deposit = {
        "Id": "10",
        "TxnDate": "2026-01-10",
        "TotalAmt": Decimal("25.00"),
        "DepositToAccountRef": {"value": "35"},
        "Line": [line],
    }
    books = keep_books(ACME, ("Deposit", deposit))
    assert books.customer_balance("1") == Decimal("-25.00")
    assert open_documents(books, "2026-01-10", "txn_type,subt_open_bal") == [["Deposit", "-25.00"]]


def test_a_link_to_a_missing_document_leaves_the_cash_unapplied() -> None:
    books = keep_books(ACME, payment("11", "2026-02-10", "100.00", ("100", "Invoice", "404")))
    assert books.open_amount("Payment", "11") == Decimal("100.00")


def test_applications_above_the_total_stop_at_the_total() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        payment("11", "2026-02-10", "80.00", ("80", "Invoice", "10")),
        payment("12", "2026-02-11", "80.00", ("80", "Invoice", "10")),
    )
    assert books.open_amount("Invoice", "10") == 0
    assert books.open_amount("Payment", "12") == Decimal("60.00")


def test_a_payment_in_another_currency_applies_nothing() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00", **euros("1.10")),
        payment("11", "2026-02-10", "100.00", ("100", "Invoice", "10")),
    )
    assert books.open_amount("Invoice", "10") == Decimal("100.00")
    assert books.open_amount("Payment", "11") == Decimal("100.00")


def test_a_negative_payment_settles_nothing() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-01-10", "100.00"),
        payment("11", "2026-02-10", "-100.00", ("100", "Invoice", "10")),
    )
    assert books.open_amount("Invoice", "10") == Decimal("100.00")


@pytest.mark.parametrize(
    "malformed",
    [
        {"Id": None},
        {"TotalAmt": "a hundred"},
        {"TotalAmt": None},
        {"TotalAmt": Decimal("NaN")},
        {"TotalAmt": Decimal("1e40")},
        {"TxnDate": "soon"},
        {"CustomerRef": None},
        {"CurrencyRef": {"value": "XAU"}, "ExchangeRate": 0},
        {"Deposit": "half"},
    ],
    ids=str,
)
def test_a_malformed_invoice_is_passed_over_and_the_rest_is_booked(
    malformed: dict[str, Any],
) -> None:
    books = keep_books(
        ACME,
        ("Invoice", {**invoice("10", "2026-01-10", "100.00")[1], **malformed}),
        invoice("12", "2026-01-10", "7.00"),
    )
    assert len(books.passed_over) == 1
    assert books.customer_balance("1") == Decimal("7.00")


@pytest.mark.parametrize("lines", [None, "none", [None], [{"Amount": "x"}], [{"LinkedTxn": [3]}]])
def test_nonsense_in_lines_does_not_stop_the_books(lines: Any) -> None:
    name, received = payment("11", "2026-02-10", "100.00")
    _, sold = invoice("10", "2026-01-10", "50.00")
    books = keep_books(
        ACME, (name, {**received, "Line": lines}), ("Invoice", {**sold, "Line": lines})
    )
    assert books.customer_balance("1") == Decimal("-50.00")


def test_a_balance_adds_up_the_currency_of_the_customer_only() -> None:
    euro_customer = ("Customer", {"Id": "1", "CurrencyRef": {"value": "EUR"}})
    books = keep_books(
        euro_customer,
        invoice("10", "2026-01-10", "100.00", **euros("1.10")),
        invoice("11", "2026-01-10", "7.00"),
    )
    assert books.customer_balance("1") == Decimal("100.00")


def test_a_circle_of_parents_is_cut_and_nothing_is_lost() -> None:
    books = keep_books(
        customer("1", "Acme", parent="3"),
        customer("2", "Acme North", parent="1"),
        customer("3", "Acme North 1", parent="2"),
        invoice("10", "2026-01-10", "10.00", customer="1"),
        invoice("11", "2026-01-10", "5.00", customer="2"),
        invoice("12", "2026-01-10", "1.00", customer="3"),
    )
    assert books.customer_balance("1") == Decimal("10.00")
    assert buckets_of(books, "2026-01-10")["TOTAL"].endswith(" 16.00")
