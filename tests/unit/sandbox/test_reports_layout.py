"""The reports' JSON as the vendor lays it out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from quickbooks_records import (
    MULTICURRENCY,
    ONE_CURRENCY,
    buckets_of,
    credit_memo,
    customer,
    euros,
    invoice,
    journal_entry,
    keep_books,
    payment,
)

from q2c_pipeline.sandbox.quickbooks.reports.catalogue import UnknownReport, render
from q2c_pipeline.sandbox.quickbooks.reports.context import InvalidParameter, ReportContext

ACME = customer("1", "Acme")


def texts(cells: list[dict[str, Any]]) -> list[str]:
    return [cell["value"] for cell in cells]


@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        ("2026-06-30", "50.00 - - - - 50.00"),
        ("2026-06-29", "- 50.00 - - - 50.00"),
        ("2026-05-31", "- 50.00 - - - 50.00"),
        ("2026-05-30", "- - 50.00 - - 50.00"),
        ("2026-05-01", "- - 50.00 - - 50.00"),
        ("2026-04-30", "- - - 50.00 - 50.00"),
        ("2026-04-01", "- - - 50.00 - 50.00"),
        ("2026-03-31", "- - - - 50.00 50.00"),
    ],
)
def test_days_past_due_choose_the_bucket(due: str, bucket: str) -> None:
    books = keep_books(ACME, invoice("10", "2026-01-01", "50.00", DueDate=due))
    assert buckets_of(books, "2026-06-30")["Acme"] == bucket


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-01-10", "2026-01-15"),
        ("2026-01-11", "2026-02-15"),
        ("2026-01-16", "2026-02-15"),
        ("2026-12-20", "2027-01-15"),
    ],
)
def test_an_invoice_without_a_due_date_is_due_by_its_term(day: str, due: str) -> None:
    fifteenth = {"Type": "DATE_DRIVEN", "DayOfMonthDue": 15, "DueNextMonthDays": 5}
    term = ("Term", {"Id": "3", "Name": "The 15th", **fifteenth})
    sold = invoice("10", day, "50.00", SalesTermRef={"value": "3"})
    shown = {"report_date": "2027-12-31", "columns": "due_date"}
    report = render("AgedReceivableDetail", shown, keep_books(ACME, term, sold), ONE_CURRENCY)
    assert texts(report["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"]) == [due]


def test_what_names_no_customer_is_a_row_without_an_id() -> None:
    entry = journal_entry(
        "20", "2026-06-30", ("Debit", "5.00", "84", None), ("Credit", "5.00", "79", None)
    )
    shown = {"report_date": "2026-06-30"}
    report = render("AgedReceivables", shown, keep_books(ACME, entry), ONE_CURRENCY)
    assert report["Rows"]["Row"][0]["ColData"][0] == {"value": "Not Specified"}


def test_credits_stay_negative_in_the_bucket_of_their_own_date() -> None:
    books = keep_books(
        ACME,
        credit_memo("10", "2026-05-20", "40.00", DueDate="2026-12-31"),
        payment("11", "2026-06-30", "5.00"),
        invoice("12", "2026-06-29", "-3.00", DueDate="2026-12-31"),
    )
    assert buckets_of(books, "2026-06-30")["Acme"] == "-5.00 -3.00 -40.00 - - -48.00"


def test_jobs_nest_under_their_parent() -> None:
    books = keep_books(
        ACME,
        customer("2", "North", parent="1"),
        customer("3", "Yard", parent="2"),
        customer("4", "Bolt", parent="404"),
        customer("5", "Quiet", parent="1"),
        invoice("10", "2026-06-30", "10.00", customer="1"),
        invoice("11", "2026-06-30", "5.00", customer="3"),
        invoice("12", "2026-06-30", "1.00", customer="4"),
    )
    report = render("AgedReceivables", {}, books, ONE_CURRENCY)
    acme, bolt, grand_total = report["Rows"]["Row"]
    assert acme["type"] == "Section"
    assert acme["Header"]["ColData"][0] == {"value": "Acme", "id": "1"}
    assert texts(acme["Header"]["ColData"]) == ["Acme", "10.00", "", "", "", "", "10.00"]
    (north,) = acme["Rows"]["Row"]
    assert texts(north["Header"]["ColData"]) == ["North", "", "", "", "", "", ""]
    assert north["Rows"]["Row"] == [
        {
            "ColData": [
                {"value": "Yard", "id": "3"},
                *({"value": text} for text in ["5.00", "", "", "", "", "5.00"]),
            ]
        }
    ]
    assert texts(acme["Summary"]["ColData"])[::6] == ["Total Acme", "15.00"]
    assert texts(bolt["ColData"])[::6] == ["Bolt", "1.00"]
    assert grand_total["group"] == "GrandTotal"
    assert texts(grand_total["Summary"]["ColData"]) == [
        "TOTAL", "16.00", "0.00", "0.00", "0.00", "0.00", "16.00",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["AgedReceivables", "AgedReceivableDetail", "BalanceSheet"])
def test_an_empty_report_says_so_and_has_no_rows(name: str) -> None:
    report = render(name, {}, keep_books(ACME), ONE_CURRENCY)
    assert {"Name": "NoReportData", "Value": "true"} in report["Header"]["Option"]
    assert report["Rows"] == {}


def test_the_report_date_is_today_in_the_company_zone_unless_asked() -> None:
    context = ReportContext(
        now=datetime(2026, 7, 1, 3, tzinfo=UTC),
        time_zone="America/Los_Angeles",
        home_currency="USD",
        is_multicurrency=False,
    )
    books = keep_books(ACME, invoice("10", "2026-07-01", "10.00"))
    header = render("AgedReceivables", {}, books, context)["Header"]
    assert header["EndPeriod"] == "2026-06-30"
    assert header["Option"][0] == {"Name": "report_date", "Value": "2026-06-30"}
    assert header["Currency"] == "USD"
    asked = render("AgedReceivables", {"report_date": "2026-07-01"}, books, context)
    assert asked["Header"]["EndPeriod"] == "2026-07-01"


def test_the_current_method_shows_todays_open_amounts_and_ages() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2026-04-01", "100.00"),
        payment("11", "2026-06-01", "30.00", ("30", "Invoice", "10")),
    )
    asked = {"report_date": "2026-04-30", "aging_method": "Current"}
    row = render("AgedReceivables", asked, books, ONE_CURRENCY)["Rows"]["Row"][0]
    assert texts(row["ColData"]) == ["Acme", "", "", "", "70.00", "", "70.00"]


def test_a_customer_filter_keeps_the_named_customers() -> None:
    books = keep_books(
        ACME,
        customer("2", "Bolt"),
        invoice("10", "2026-06-01", "10.00", customer="1"),
        invoice("11", "2026-06-01", "20.00", customer="2"),
    )
    report = render("AgedReceivables", {"customer": "2"}, books, ONE_CURRENCY)
    assert [row["ColData"][0]["value"] for row in report["Rows"]["Row"][:-1]] == ["Bolt"]


def test_the_detail_report_names_its_columns_and_identifies_its_cells() -> None:
    foreign = invoice("10", "2026-06-01", "100.00", DueDate="2026-06-20", DocNumber="A-7")
    foreign[1].update(euros("1.25"))
    books = keep_books(
        ACME, foreign, payment("11", "2026-06-10", "40.00", ("40", "Invoice", "10"), **euros("1.2"))
    )
    keys = "tx_date,txn_type,doc_num,cust_name,due_date,past_due,subt_amount,subt_open_bal"
    keys += ",foreign_amount,foreign_open_bal,currency,exch_rate"
    report = render("AgedReceivableDetail", {"columns": keys}, books, MULTICURRENCY)
    columns = report["Columns"]["Column"]
    assert [column["MetaData"][0]["Value"] for column in columns] == keys.split(",")
    section, total = report["Rows"]["Row"]
    assert section["group"] == "1 - 30"
    cells = section["Rows"]["Row"][0]["ColData"]
    assert texts(cells) == [
        "2026-06-01", "Invoice", "A-7", "Acme", "2026-06-20", "10",
        "125.00", "75.00", "100.00", "60.00", "EUR", "1.25",
    ]  # fmt: skip
    assert (cells[1]["id"], cells[3]["id"]) == ("10", "1")
    assert texts(total["Summary"]["ColData"])[7] == "75.00"


def test_a_company_of_one_currency_has_no_foreign_columns() -> None:
    books = keep_books(ACME, invoice("10", "2026-06-01", "100.00"))
    asked = {"columns": "txn_type,foreign_open_bal,currency,subt_open_bal"}
    report = render("AgedReceivableDetail", asked, books, ONE_CURRENCY)
    keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
    assert keys == ["txn_type", "subt_open_bal"]


def test_ageing_periods_can_be_asked() -> None:
    books = keep_books(ACME, invoice("10", "2026-01-01", "50.00", DueDate="2026-06-20"))
    asked = {"aging_period": "7", "num_periods": "2"}
    report = render("AgedReceivables", asked, books, ONE_CURRENCY)
    titles = [column["ColTitle"] for column in report["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 7", "8 and over", "Total"]
    assert texts(report["Rows"]["Row"][0]["ColData"]) == ["Acme", "", "", "50.00", "50.00"]


def test_the_balance_sheet_groups_receivable_accounts_with_their_ids() -> None:
    books = keep_books(
        ACME,
        invoice("10", "2025-12-01", "100.00"),
        invoice("11", "2026-06-01", "10.00", **euros("1.25")),
    )
    report = render("BalanceSheet", {"end_date": "2026-06-30"}, books, MULTICURRENCY)
    assets, other_side = report["Rows"]["Row"]
    (current,) = assets["Rows"]["Row"]
    (receivables,) = current["Rows"]["Row"]
    assert (assets["group"], current["group"]) == ("TotalAssets", "CurrentAssets")
    assert receivables["group"] == "AR"
    found = {
        row["ColData"][0]["id"]: row["ColData"][1]["value"] for row in receivables["Rows"]["Row"]
    }
    assert found == {"84": "100.00", "85": "12.50"}
    assert texts(receivables["Summary"]["ColData"]) == ["Total Accounts Receivable", "112.50"]
    (equity,) = other_side["Rows"]["Row"]
    assert [texts(row["ColData"]) for row in equity["Rows"]["Row"]] == [
        ["Retained Earnings", "100.00"],
        ["Net Income", "12.50"],
    ]


def test_an_unknown_report_is_refused_by_name() -> None:
    with pytest.raises(UnknownReport, match="TrialBalance"):
        render("TrialBalance", {}, keep_books(), ONE_CURRENCY)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("AgedReceivables", {"report_date": "yesterday"}),
        ("AgedReceivables", {"report_date": "0001-01-01"}),
        ("AgedReceivables", {"aging_method": "Guess"}),
        ("AgedReceivableDetail", {"num_periods": "0"}),
        ("AgedReceivableDetail", {"aging_period": "99999999999"}),
        ("BalanceSheet", {"accounting_method": "Cash"}),
    ],
)
def test_a_parameter_that_cannot_be_read_is_refused(name: str, parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter) as refused:
        render(name, parameters, keep_books(ACME), ONE_CURRENCY)
    assert refused.value.field in parameters


def test_amounts_print_two_decimals() -> None:
    books = keep_books(ACME, invoice("10", "2026-06-30", "0", TotalAmt=7, DueDate="2026-06-30"))
    assert books.open_amount("Invoice", "10") == Decimal(7)
    assert buckets_of(books, "2026-06-30")["Acme"] == "7.00 - - - - 7.00"
