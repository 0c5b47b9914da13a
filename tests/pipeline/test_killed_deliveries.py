"""Deliveries that are killed for real, and two at once: no invoice twice, none lost."""

import random
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from q2c_pipeline.ledger.chain import verify
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.store import Ledger
from tests.contract.conftest import ServedSandbox, serve  # noqa: F401
from tests.contract.quickbooks_world import QuickBooksClient, record, write_company
from tests.pipeline.delivering import READY, Order, delivered
from tests.postgresql import PostgreSQL

KILLS, SAMPLED_KILLS = 100, 1
RACES, SAMPLED_RACES = 25, 1
UNITS_A_ROUND = 8
RUN_SECONDS_MAX = 60
LATENCY_SECONDS = 0.02
LISTS: dict[str, list[Any] | str] = {
    "quickbooks/Customer": [record("1", DisplayName="Brakken Ltd", Active=True)],
    "quickbooks/Account": [
        record("84", Name="Accounts Receivable (A/R)", AccountType="Accounts Receivable"),
        record("79", Name="Sales", AccountType="Income"),
    ],
    "quickbooks/Item": [
        record("1", Name="Service", Type="Service", IncomeAccountRef={"value": "79"}, Active=True)
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


def failures(report: Report) -> list[Line]:
    """What fails a run, at once or at its end."""
    return [*report.refused, *report.in_doubt, *report.not_sent]


def started(order: Order) -> subprocess.Popen[str]:
    """A process that delivers as soon as it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.delivering", msgspec.json.encode(order).decode()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == READY
    return process


def told(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def finished(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=RUN_SECONDS_MAX)
    assert process.returncode == 0


def served(start: Any, folder: Path) -> ServedSandbox:
    sandbox: ServedSandbox = start(write_company(folder / "company", LISTS))
    order = {"share": 1, "kinds": ["latency"], "latency_seconds": LATENCY_SECONDS}
    assert sandbox.post("/_sandbox/faults", json=order).is_success
    return sandbox


def invoices_by_marker(sandbox: ServedSandbox) -> Counter[str]:
    client = QuickBooksClient.sign_in(sandbox)
    found: Counter[str] = Counter()
    for start in count(1, 1000):
        statement = f"select * from Invoice orderby Id startposition {start} maxresults 1000"
        rows = client.query(statement).get("Invoice", [])
        found.update(row["PrivateNote"].splitlines()[0] for row in rows)
        if len(rows) < 1000:
            break
    return found


def orders(url: str, sandbox: ServedSandbox, folder: Path, **options: Any) -> Any:
    def order(rounds: int) -> Order:
        """Everything up to this round."""
        units = [f"u{number}" for number in range((rounds + 1) * UNITS_A_ROUND)]
        return Order(
            ledger_url=url,
            settings=sandbox.settings,
            tokens=str(folder / "tokens"),
            units=units,
            batch_items_max=3,
            **options,
        )

    return order


@pytest.mark.prove
def test_a_killed_delivery_bills_nothing_twice_and_forgets_nothing(
    ledger_url: str,
    serve: Any,  # noqa: F811
    tmp_path: Path,
    is_whole_proof: bool,
) -> None:
    kills = KILLS if is_whole_proof else SAMPLED_KILLS
    chance = random.Random(ledger_url.partition(":")[0])
    sandbox = served(serve, tmp_path)
    order = orders(ledger_url, sandbox, tmp_path)
    began = time.monotonic()
    delivered(order(0))
    seconds = time.monotonic() - began
    rounds = killed = 0
    while killed < kills:
        rounds += 1
        process = told(started(order(rounds)))
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        killed += process.wait() != 0
        process.communicate()
        assert rounds < 3 * kills + 3, "the processes end before they are killed"
    assert failures(delivered(order(rounds))) == []
    with Ledger(ledger_url, actor="test", run_id="test") as ledger:
        assert verify(ledger, []) == []
    assert invoices_by_marker(sandbox) == Counter(
        f"q2c:{sandbox.settings['QBO_REALM_ID']}:salesforce:{unit}:-:1"
        for unit in order(rounds).units
    )


@pytest.mark.prove
@pytest.mark.parametrize("is_locked", [False, True], ids=["unlocked", "locked"])
def test_two_deliveries_at_once_bill_nothing_twice(
    ledger_url: str,
    is_locked: bool,
    serve: Any,  # noqa: F811
    tmp_path: Path,
    is_whole_proof: bool,
) -> None:
    if is_locked and not is_whole_proof:
        pytest.skip("the lock has tests of its own; here it matters that it is not needed")
    races = RACES if is_whole_proof else SAMPLED_RACES
    sandbox = served(serve, tmp_path)
    order = orders(ledger_url, sandbox, tmp_path, is_locked=is_locked)
    for rounds in range(races):
        racers = [started(order(rounds)), started(order(rounds))]
        for racer in racers:
            told(racer)
        for racer in racers:
            finished(racer)
    assert failures(delivered(order(races - 1))) == []
    found = invoices_by_marker(sandbox)
    assert len(found) == races * UNITS_A_ROUND
    assert set(found.values()) == {1}
