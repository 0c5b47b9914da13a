"""What a run may cost in reads that the vendor bills, and what waits when that is not enough."""

import json
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.accounting.quickbooks.extract import READS_OF_A_CHANGED_RUN_MAX
from q2c_pipeline.sandbox.generate import generate
from tests.contract.conftest import Serve
from tests.contract.quickbooks_extraction import (
    CUSTOMERS,
    RECEIVABLES,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    Home,
    company,
    invoice,
    versions,
)
from tests.contract.quickbooks_world import QuickBooksClient

CHANGED_RECORDS = 50
SEEDS_WHOLE = range(1, 41)
SEEDS_SAMPLE = range(1, 2)
DATED = (
    "Invoice", "Payment", "CreditMemo", "JournalEntry", "Deposit", "Purchase", "SalesReceipt",
    "RefundReceipt", "Estimate",
)  # fmt: skip
NAMED = ("Customer", "Item", "Account", "Class", "Department", "Term", "PaymentMethod")
FIRST_DAY = date(2024, 1, 1)
DAYS = 900


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of two currencies whose old years are open to changes."""
    folder = tmp_path_factory.mktemp("made_up") / "company"
    generate(folder, seed=6, invoices=300)
    preferences = folder / "quickbooks" / "Preferences.json"
    settings = json.loads(preferences.read_text())
    del settings[0]["AccountingInfoPrefs"]["BookCloseDate"]
    preferences.write_text(json.dumps(settings))
    return folder


def change_anything(books: QuickBooksClient, chance: random.Random) -> None:
    """Edits records of any kinds and gives documents any dates; what is refused is passed over."""
    records = [
        (entity, record)
        for entity in DATED + NAMED
        for record in books.query(f"SELECT * FROM {entity} MAXRESULTS 1000")[entity]
    ]
    chance.shuffle(records)
    changed = 0
    for entity, record in records:
        edit: Mapping[str, Any] = {"Active": True}
        if entity in DATED:
            day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
            edit = {"TxnDate": day.isoformat(), "PrivateNote": f"Change {changed}"}
        body = {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True, **edit}
        changed += books.post(entity.lower(), body).is_success
        if changed == CHANGED_RECORDS:
            return
    raise AssertionError(f"only {changed} records could be changed")


def month_ends(home: Home, *, is_current: bool) -> set[tuple[str, date]]:
    rows = home.rows(
        "select report, report_date from raw_quickbooks.report_states"
        " group by all having arg_max(is_current, version) = $1",
        is_current,
    )
    return set(rows)


@pytest.mark.prove
def test_fifty_changes_of_any_kind_and_date_cost_at_most_ten_reads_and_rest_costs_three(
    serve: Serve, made_up: Path, tmp_path: Path, is_whole_proof: bool
) -> None:
    sandbox = serve(made_up)
    books = QuickBooksClient.sign_in(sandbox)
    home = Home(tmp_path / "home")
    home.run(sandbox)
    for seed in SEEDS_WHOLE if is_whole_proof else SEEDS_SAMPLE:
        change_anything(books, random.Random(seed))

        changed = home.run(sandbox)
        waiting = home.told[-1]
        idle = home.run(sandbox)

        assert versions(changed)
        assert changed.metered_reads <= READS_OF_A_CHANGED_RUN_MAX
        assert "wait for the next run with changes" in waiting
        assert (versions(idle), idle.metered_reads) == ({}, 3)

    stale = month_ends(home, is_current=False)
    sandbox.advance(7 * SECONDS_PER_DAY + SECONDS_PER_HOUR)
    home.run(sandbox)

    assert stale
    assert month_ends(home, is_current=False) == set()
    assert stale <= month_ends(home, is_current=True)


def test_a_run_that_ends_early_leaves_no_report_to_compare_with_what_it_landed(
    serve: Serve, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    books = {"Customer": CUSTOMERS, "Account": RECEIVABLES}
    sandbox = serve(company(tmp_path / "before", Invoice=[invoice("12")], **books))
    home.run(sandbox)
    sandbox.stop()
    moved = {"LastUpdatedTime": "2026-05-05T09:10:00-07:00"}
    changed = invoice("12", TxnDate="2026-03-10", TotalAmt=90.00, MetaData=moved)
    sandbox = serve(company(tmp_path / "after", Invoice=[changed], **books))
    sandbox.advance(SECONDS_PER_HOUR)

    def fail(line: str) -> None:
        if "terms" in line:
            raise ContractBroken("The terms are not what they were")

    with pytest.raises(ContractBroken):
        home.run(sandbox, progress=fail)

    assert month_ends(home, is_current=True) == set()
    home.run(sandbox)
    assert month_ends(home, is_current=False) == set()
    assert ("aged_receivables", date(2026, 3, 31)) in month_ends(home, is_current=True)
