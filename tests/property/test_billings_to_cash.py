"""For any company and month, what was billed and what happened to it is the cash that came.

Many made-up companies are built side by side. The cash is added up here from the vendor's records,
without our SQL. Then their invoices are shared out over deals, at random: every deal closes to the
cent, and no total moves.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from tests.golden.models import build_models, run_dbt
from tests.golden.raw_company import Company, write_raw
from tests.property.books.company import latest, made_up_books
from tests.property.books.lists import RECEIVABLES
from tests.property.books.wire import Record, Records

COMPANIES_SAMPLE, COMPANIES_PROOF = 24, 240
CLOSINGS_PROOF_MIN = 1_000
FIRST_REALM = 1001
AS_OF_DATE = date(2026, 6, 30)
CENT = Decimal("0.01")
RECEIVABLE_ACCOUNTS = {account for accounts in RECEIVABLES.values() for account in accounts}
DEALS_MAX = 4
SHARED_OUT = ("int_bridge__settlements_shared", "int_bridge__billings_to_cash")
RESIDUALS = """
    select entity, month, deal_id, sum(if(category = 'closing', -amount_home, amount_home))
    from intermediate.int_bridge__billings_to_cash
    group by all
    having sum(if(category = 'closing', -amount_home, amount_home)) <> 0
"""
CLOSINGS = """
    select entity, month, sum(amount_home)
    from intermediate.int_bridge__billings_to_cash
    where category = 'closing'
    group by all
    having sum(amount_home) <> 0
"""
TOTALS = """
    select
        entity, month, category, document_type, document_id, currency,
        sum(amount_home), sum(amount)
    from intermediate.int_bridge__billings_to_cash
    group by all
    having sum(amount_home) <> 0
    order by all
"""
INVOICES = """
    select entity, document_id, total, exchange_rate
    from intermediate.int_ledger__documents_unioned
    where document_type = 'invoice' and total <> 0
    order by all
"""
LEFT_ON_DEALS = """
    select entity, document_id, deal_id, sum(amount_home)
    from intermediate.int_bridge__billings_to_cash
    where document_type = 'invoice' and category in ('still_open', 'collected_from_prior')
    group by all
    having sum(amount_home) <> 0
"""
STILL_OPEN = """
    select entity, document_id
    from intermediate.int_ledger__open_amounts
    where
        document_type = 'invoice' and open_amount <> 0
        and date '{as_of}' between holds_from_date and holds_until_date - 1
"""

Rows = list[tuple[Any, ...]]


class Proof(NamedTuple):
    """What the section says with one share an invoice, and what of it with several."""

    books: dict[str, Records]
    closings: Rows
    residuals: Rows
    totals: Rows
    shared_residuals: Rows
    shared_totals: Rows
    left_on_settled_invoices: Rows
    shares: int


@pytest.fixture(scope="module")
def proof(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    is_whole = request.config.getoption("--prove")
    seeds = range(COMPANIES_PROOF if is_whole else COMPANIES_SAMPLE)
    books = {str(FIRST_REALM + seed): made_up_books(seed) for seed in seeds}
    home = tmp_path_factory.mktemp("cash")
    as_of_date = AS_OF_DATE.isoformat()
    companies = [Company(entity, records) for entity, records in books.items()]
    write_raw(home / "raw.duckdb", companies, as_of_date=as_of_date)
    build_models(
        home, "+int_bridge__billings_to_cash", "+int_ledger__open_amounts", as_of_date=as_of_date
    )
    closings, residuals, totals = _ask(home, CLOSINGS, RESIDUALS, TOTALS)
    shares = _share_out(home)
    ran = run_dbt(home, "run", "--select", *SHARED_OUT, as_of_date=as_of_date)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shared_residuals, shared_totals, left, still_open = _ask(
        home, RESIDUALS, TOTALS, LEFT_ON_DEALS, STILL_OPEN.format(as_of=as_of_date)
    )
    open_invoices = set(still_open)
    left_on_settled = [row for row in left if row[:2] not in open_invoices]
    return Proof(
        books, closings, residuals, totals, shared_residuals, shared_totals, left_on_settled, shares
    )


def _ask(home: Path, *questions: str) -> list[Rows]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return [connection.execute(question).fetchall() for question in questions]


def _share_out(home: Path) -> int:
    """Puts up to four deals on every invoice; shares may be negative, and one may be no deal's."""
    chance = random.Random("shares")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        shares = [
            (entity, invoice_id, deal_id, amount / total, amount, home_amount)
            for entity, invoice_id, total, rate in connection.execute(INVOICES).fetchall()
            for deal_id, amount, home_amount in _shares(chance, total, rate)
        ]
        connection.execute("delete from intermediate.int_bridge__invoice_shares")
        connection.executemany(
            "insert into intermediate.int_bridge__invoice_shares"
            " (entity, invoice_id, deal_id, gross_share, gross_amount, gross_amount_home)"
            " values (?, ?, ?, ?, ?, ?)",
            shares,
        )
    return len(shares)


def _shares(
    chance: random.Random, total: Decimal, rate: Decimal
) -> Iterator[tuple[str | None, Decimal, Decimal]]:
    deals = chance.sample([None, "a", "b", "c", "d"], chance.randint(1, DEALS_MAX))
    left, home_left = total, _at_home(total, rate)
    for deal_id in deals[1:]:
        amount = (total * Decimal(chance.uniform(-0.3, 0.6))).quantize(CENT)
        home_amount = _at_home(amount, rate)
        left, home_left = left - amount, home_left - home_amount
        yield deal_id, amount, home_amount
    yield deals[0], left, home_left


def _at_home(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def _received(records: Records) -> dict[date, Decimal]:
    """Cash of each month, net of refunds, by the vendor's records as they are now."""
    received: dict[date, Decimal] = defaultdict(Decimal)
    for vendor_object, rows in latest(records).items():
        for record in rows:
            if record.get("status") == "Deleted" or "TxnDate" not in record:
                continue
            day = date.fromisoformat(record["TxnDate"])
            rate = Decimal(str(record.get("ExchangeRate", 1)))
            if day <= AS_OF_DATE:
                received[day.replace(day=1)] += sum(
                    _at_home(amount, rate) for amount in _cash(vendor_object, record)
                )
    return {month: amount for month, amount in received.items() if amount}


def _cash(vendor_object: str, record: Record) -> Iterator[Decimal]:
    match vendor_object:
        case "Payment" | "SalesReceipt":
            yield _money(record["TotalAmt"])
        case "RefundReceipt":
            yield -_money(record["TotalAmt"])
        case "Invoice":
            yield max(min(_money(record.get("Deposit", 0)), _money(record["TotalAmt"])), Decimal(0))
        case "Deposit":
            yield from _on_receivables(record, "DepositLineDetail")
        case "Purchase":
            sign = 1 if record.get("Credit") else -1
            for amount in _on_receivables(record, "AccountBasedExpenseLineDetail"):
                yield sign * amount


def _on_receivables(record: Record, detail: str) -> Iterator[Decimal]:
    for line in record["Line"]:
        if line.get(detail, {}).get("AccountRef", {}).get("value") in RECEIVABLE_ACCOUNTS:
            yield _money(line["Amount"])


def _money(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(CENT)


@pytest.mark.prove
def test_the_closing_of_every_month_is_the_cash_of_the_books(
    proof: Proof, is_whole_proof: bool
) -> None:
    books = {
        (entity, month, amount)
        for entity, records in proof.books.items()
        for month, amount in _received(records).items()
    }
    assert set(proof.closings) == books
    assert not is_whole_proof or len(books) >= CLOSINGS_PROOF_MIN


@pytest.mark.prove
def test_nothing_is_unexplained_in_any_month(proof: Proof) -> None:
    assert proof.residuals == []


@pytest.mark.prove
def test_nothing_is_unexplained_on_any_deal_however_invoices_are_shared(proof: Proof) -> None:
    assert proof.shares > len(proof.books)
    assert proof.shared_residuals == []


@pytest.mark.prove
def test_sharing_an_invoice_over_deals_moves_no_total(proof: Proof) -> None:
    assert proof.shared_totals == proof.totals


@pytest.mark.prove
def test_a_settled_invoice_leaves_nothing_on_any_of_its_deals(proof: Proof) -> None:
    assert proof.left_on_settled_invoices == []
