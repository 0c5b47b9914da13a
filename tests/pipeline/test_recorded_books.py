"""The recorded QuickBooks company at two moments: receivables that nobody here made up."""

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline.conftest import PublishedHome, give_models, raw_versions, run_q2c
from tests.pipeline.figures import RESIDUALS, by_month, figures

AS_OF = "2026-05-05"
NEW_IN_T1 = {
    "raw_quickbooks.accounts": 3,
    "raw_quickbooks.credit_memos": 2,
    "raw_quickbooks.customers": 4,
    "raw_quickbooks.deposits": 3,
    "raw_quickbooks.estimates": 4,
    "raw_quickbooks.invoices": 6,
    "raw_quickbooks.items": 2,
    "raw_quickbooks.journal_entries": 6,
}
REPORTS = {
    "raw_quickbooks.aged_receivables",
    "raw_quickbooks.aged_receivable_details",
    "raw_quickbooks.balance_sheets",
}


pytestmark = [pytest.mark.prove, pytest.mark.usefixtures("whole_proof")]


@pytest.fixture(scope="module")
def home(
    recorded_books: Path,
    published_home: PublishedHome,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The home after t0 and then t1; what t0 alone showed is kept beside it."""
    home = give_models(tmp_path_factory.mktemp("recorded"), published_home)
    first = run_q2c(home, "run", "--company", str(recorded_books / "t0"), "--as-of", AS_OF)
    assert first.returncode == 0, first.stderr
    at_t0 = figures(
        home,
        "select document_type, sum(open_amount) from finance.ar_open_items"
        f" where as_of_date = '{AS_OF}' group by all order by all",
    )
    assert at_t0 == ["invoice,5281.52"]
    balances_off = figures(
        home,
        "select customer_id, difference from finance.tie_outs"
        " where measure = 'customer_balance' and difference <> 0 and customer_id is not null",
    )
    assert balances_off == ["1,-400.00"]
    exceptions = figures(home, "select type, amount_home from controls.exceptions")
    assert exceptions == ["tie_out_difference,400.00"]

    before = raw_versions(home)
    second = run_q2c(home, "run", "--company", str(recorded_books / "t1"), "--as-of", AS_OF)
    assert second.returncode == 0, second.stderr
    gained = {
        table: count - before[table]
        for table, count in raw_versions(home).items()
        if count != before[table] and table not in REPORTS
    }
    assert gained == NEW_IN_T1
    assert "salesforce" not in second.stdout
    return home


def test_receivables_are_invoices_less_unapplied_credits(home: Path) -> None:
    assert figures(
        home,
        "select document_type, sum(open_amount) from finance.ar_open_items"
        f" where as_of_date = '{AS_OF}' group by all order by all",
    ) == ["credit_memo,-200.00", "invoice,5881.52"]
    assert figures(
        home, f"select sum(total) from finance.ar_aging where as_of_date = '{AS_OF}'"
    ) == ["5681.52"]


def test_each_customers_balance_is_quickbooks_own(home: Path) -> None:
    assert figures(
        home,
        "select count(*), count(*) filter (difference = 0) from finance.tie_outs"
        " where measure = 'customer_balance' and customer_id is not null",
    ) == ["33,33"]


def test_cash_that_no_deposit_took_is_undeposited(home: Path) -> None:
    assert figures(
        home,
        "select receipt_id, amount, days_waiting from finance.undeposited_funds order by all",
    ) == ["120,1675.52,27", "128,387.00,27"]


def test_what_books_alone_billed_is_unlinked_but_for_its_tax(
    home: Path, recorded_books: Path
) -> None:
    invoices = json.loads(
        (recorded_books / "t1" / "quickbooks" / "Invoice.json").read_text(encoding="utf-8"),
        parse_float=Decimal,
    )
    billed: dict[str, Decimal] = defaultdict(Decimal)
    tax: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        billed[invoice["TxnDate"][:7]] += invoice["TotalAmt"]
        tax[invoice["TxnDate"][:7]] += invoice["TxnTaxDetail"]["TotalTax"]

    assert by_month(home, "B", "closing") == billed
    assert by_month(home, "B", "unlinked") == {
        month: total - tax[month] for month, total in billed.items()
    }
    assert figures(
        home,
        "select distinct category from revenue.pipeline_to_cash_bridge"
        " where section = 'B' and amount_home <> 0 order by category",
    ) == ["closing", "tax", "unlinked"]


def test_books_alone_book_nothing_and_every_section_closes(home: Path) -> None:
    assert by_month(home, "A", "closing") == {}
    assert by_month(home, "C", "closing") != {}
    assert figures(home, RESIDUALS) == []


def test_every_month_end_ties(recorded_books: Path, tmp_path: Path) -> None:
    """A first run reads the reports of all; a later one those that fit into its reads."""
    home = tmp_path / "home"
    first = run_q2c(home, "run", "--company", str(recorded_books / "t1"), "--as-of", AS_OF)
    assert first.returncode == 0, first.stderr
    assert figures(
        home,
        "select count(distinct as_of_date) >= 24, sum(abs(difference)) from finance.tie_outs"
        " where measure in ('aged_receivables', 'ar_control_account')",
    ) == ["true,0.00"]
