"""What waits to be delivered when every invoice has been read back and no outbox wants anything."""

from pathlib import Path

import pytest

from q2c_pipeline.core.home import Home
from q2c_pipeline.defs.billing.pending import pending_deliveries
from q2c_pipeline.ledger.decisions import Decision, record_decisions
from q2c_pipeline.ledger.events import Draft, State
from q2c_pipeline.settings import Mode
from tests.ledgers import draft, fill, opened, sqlite_url

KEY = "salesforce:006A:-"
MAIL = f"InvoiceEmail q2c:4620:{KEY}:1"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Nothing was ever published there."""
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))
    return Home(tmp_path)


def invoice(mode: str) -> Draft:
    return draft(KEY, State.CONFIRMED, remote_id="91", detail=f'{{"mode": "{mode}"}}')


def mail(state: State) -> Draft:
    """As it was asked for, with the id of its invoice and nothing else."""
    return draft(
        KEY,
        state,
        object="InvoiceEmail",
        operation="send",
        marker=f"q2c:4620:{KEY}:1:mail",
        payload='{"Id":"91"}',
        payload_hash="ef" * 32,
    )


def entered(home: Home, *drafts: Draft) -> None:
    fill(sqlite_url(home.ledger), drafts)


def test_a_home_without_a_ledger_waits_for_nothing_and_gets_none(home: Home) -> None:
    assert pending_deliveries(home, Mode.SEND) == frozenset()
    assert not home.ledger.exists()


@pytest.mark.parametrize(
    ("created_in", "mode", "pending"),
    [
        ("send", Mode.SEND, {f"send {MAIL}"}),
        ("send", Mode.DRAFT, set()),
        ("draft", Mode.SEND, set()),
    ],
)
def test_an_invoice_created_to_be_mailed_waits_for_its_mail(
    home: Home, created_in: str, mode: Mode, pending: set[str]
) -> None:
    entered(home, invoice(created_in))
    assert pending_deliveries(home, mode) == pending


def test_what_a_person_decided_waits_for_nothing_and_keeps_nothing_waiting(home: Home) -> None:
    entered(home, invoice("send"))
    before = pending_deliveries(home, Mode.SEND)
    decision = Decision("duplicate_decision", KEY, "{}", "same: told so", "Ida")
    with opened(sqlite_url(home.ledger)) as ledger:
        record_decisions(ledger, [decision, decision._replace(object="Invoice")])
        record_decisions(ledger, [decision])

    assert before == {f"send {MAIL}"}
    assert pending_deliveries(home, Mode.SEND) == before


@pytest.mark.parametrize(
    ("state", "pending"),
    [
        (State.WITHDRAWN, {f"send {MAIL}"}),
        (State.SENT, {f"look up InvoiceEmail {KEY} 1"}),
        (State.CONFIRMED, set()),
    ],
)
def test_a_mail_waits_until_it_is_known_to_be_sent(
    home: Home, state: State, pending: set[str]
) -> None:
    entered(home, invoice("send"), mail(state))
    assert pending_deliveries(home, Mode.SEND) == pending
