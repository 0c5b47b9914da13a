"""BalanceSheet on the accrual basis: what every account holds at a date.

Belongs here: the sections and the net income that closes them. Does not belong here: postings.
The fiscal year is the calendar year.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks.books.bookkeeping import Books
from q2c_pipeline.sandbox.quickbooks.books.chart_of_accounts import ChartOfAccounts
from q2c_pipeline.sandbox.quickbooks.books.record_fields import ZERO
from q2c_pipeline.sandbox.quickbooks.reports.context import (
    ReportContext,
    choice_parameter,
    date_parameter,
)
from q2c_pipeline.sandbox.quickbooks.reports.layout import (
    Json,
    Line,
    cell,
    column,
    line_row,
    report,
    section,
    summary_cells,
)

INCOME_TYPES = frozenset(
    {"Income", "Other Income", "Expense", "Other Expense", "Cost of Goods Sold"}
)
CREDIT_TYPES = frozenset(
    {
        "Accounts Payable",
        "Credit Card",
        "Other Current Liability",
        "Long Term Liability",
        "Equity",
    }
)
DEBIT_TYPES = frozenset(
    {"Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset"}
)
SHEET_TYPES = DEBIT_TYPES | CREDIT_TYPES
OTHERWISE_TYPE = "Other Current Asset"
NET_INCOME = "Net Income"


@dataclass(frozen=True, slots=True)
class Heading:
    """A section over either the accounts of one type or other sections."""

    title: str
    group: str
    account_type: str | None = None
    parts: tuple["Heading", ...] = ()
    total_title: str | None = None


ASSETS = Heading(
    "ASSETS",
    "TotalAssets",
    total_title="TOTAL ASSETS",
    parts=(
        Heading(
            "Current Assets",
            "CurrentAssets",
            parts=(
                Heading("Bank Accounts", "BankAccounts", "Bank"),
                Heading("Accounts Receivable", "AR", "Accounts Receivable"),
                Heading("Other Current Assets", "OtherCurrentAssets", "Other Current Asset"),
            ),
        ),
        Heading("Fixed Assets", "FixedAssets", "Fixed Asset"),
        Heading("Other Assets", "OtherAssets", "Other Asset"),
    ),
)
LIABILITIES_AND_EQUITY = Heading(
    "LIABILITIES AND EQUITY",
    "TotalLiabilitiesAndEquity",
    total_title="TOTAL LIABILITIES AND EQUITY",
    parts=(
        Heading(
            "Liabilities",
            "Liabilities",
            parts=(
                Heading(
                    "Current Liabilities",
                    "CurrentLiabilities",
                    parts=(
                        Heading("Accounts Payable", "AP", "Accounts Payable"),
                        Heading("Credit Cards", "CreditCards", "Credit Card"),
                        Heading(
                            "Other Current Liabilities",
                            "OtherCurrentLiabilities",
                            "Other Current Liability",
                        ),
                    ),
                ),
                Heading("Long-Term Liabilities", "LongTermLiabilities", "Long Term Liability"),
            ),
        ),
        Heading("Equity", "Equity", "Equity"),
    ),
)


def balance_sheet(parameters: Mapping[str, str], books: Books, context: ReportContext) -> Json:
    end_date = date_parameter(parameters, "end_date", otherwise=context.today)
    basis = choice_parameter(parameters, "accounting_method", ("Accrual",))
    year_start = date(end_date.year, 1, 1)
    balances, net_income = _closed_balances(books, end_date=end_date, year_start=year_start)
    rows: list[Json] = []
    if balances:
        lines = _account_lines(balances, books.chart)
        lines["Equity"].append(Line(NET_INCOME, None, (-net_income,)))
        rows = [_heading_row(heading, lines) for heading in (ASSETS, LIABILITIES_AND_EQUITY)]
    return report(
        "BalanceSheet",
        made_at=context.now,
        period=(year_start, end_date),
        currency=context.home_currency,
        basis=basis,
        options={"AccountingStandard": "GAAP"},
        columns=[column("", "Account", key="account"), column("Total", "Money", key="total")],
        rows=rows,
    )


def _closed_balances(
    books: Books, *, end_date: date, year_start: date
) -> tuple[dict[str, Decimal], Decimal]:
    """Debit balances with earlier years' income in retained earnings, and this year's income."""
    balances = books.ledger.balances(end_date)
    before = books.ledger.balances(year_start - timedelta(days=1))
    accounts = books.chart.accounts
    income = {a for a in balances if accounts[a].account_type in INCOME_TYPES}
    earlier = sum((before.get(account_id, ZERO) for account_id in income), ZERO)
    net_income = sum((balances[account_id] for account_id in income), ZERO) - earlier
    closed = {a: balance for a, balance in balances.items() if a not in income}
    if earlier:
        retained = books.retained_earnings_account
        closed[retained] = closed.get(retained, ZERO) + earlier
    if income:
        closed.setdefault(books.retained_earnings_account, ZERO)
    return closed, net_income


def _account_lines(
    balances: Mapping[str, Decimal], chart: ChartOfAccounts
) -> defaultdict[str, list[Line]]:
    """Lines per account type, sub-accounts under their parents, credits positive where due."""
    children: dict[str | None, set[str]] = defaultdict(set)
    for account_id in balances:
        for member in chart.upwards(account_id):
            children[chart.parent(member)].add(member)

    def lines(account_ids: set[str]) -> list[Line]:
        found = []
        for account_id in account_ids:
            account = chart.accounts[account_id]
            sign = -1 if account.account_type in CREDIT_TYPES else 1
            amount = sign * balances.get(account_id, ZERO)
            sub_accounts = lines(children.get(account_id, set()))
            found.append(Line(account.name, account_id, (amount,), sub_accounts))
        return sorted(found, key=lambda line: (line.name.casefold(), line.id or ""))

    by_type: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines(children[None]):
        account_type = chart.accounts[line.id or ""].account_type
        known = account_type if account_type in SHEET_TYPES else OTHERWISE_TYPE
        by_type[known].append(line)
    return by_type


def _heading_row(heading: Heading, lines: Mapping[str, list[Line]]) -> Json:
    """Sections without accounts are left out, but for the two sides themselves."""
    own = lines.get(heading.account_type or "", [])
    inner = [_heading_row(part, lines) for part in heading.parts if _total(part, lines)[1]]
    total, _ = _total(heading, lines)
    return section(
        group=heading.group,
        header=[cell(heading.title), cell("")],
        rows=[*(line_row(line) for line in own), *inner],
        summary=summary_cells(heading.total_title or f"Total {heading.title}", (total,)),
    )


def _total(heading: Heading, lines: Mapping[str, list[Line]]) -> tuple[Decimal, bool]:
    """The sum under the heading, and whether any account stands there."""
    own = lines.get(heading.account_type or "", [])
    inner = [_total(part, lines) for part in heading.parts]
    total = sum((line.total[0] for line in own), ZERO) + sum((t for t, _ in inner), ZERO)
    return total, bool(own) or any(is_there for _, is_there in inner)
