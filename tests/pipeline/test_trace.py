"""Where ours and the books part is found over HTTP: the day, the document, both amounts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from q2c_pipeline.cli.tracing import trace_home
from q2c_pipeline.core.home import Home
from tests.contract.conftest import ServedSandbox
from tests.contract.quickbooks_extraction import (
    CUSTOMERS,
    RECEIVABLES,
    SECONDS_PER_HOUR,
    invoice,
    people,
)
from tests.contract.quickbooks_extraction import Home as ExtractedHome
from tests.contract.quickbooks_world import write_company
from tests.golden.models import run_dbt
from tests.golden.raw_company import write_raw
from tests.pipeline.conftest import run_q2c

TODAY = "2026-05-29"
EDITED_TO, WAS = 90.00, 100.00
BOOKS = {
    "quickbooks/Account": RECEIVABLES,
    "quickbooks/Customer": CUSTOMERS,
    "quickbooks/Invoice": [
        invoice("12"),
        invoice("13", DocNumber="INV-13", TxnDate="2026-05-17", DueDate="2026-06-16"),
    ],
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    folder = tmp_path_factory.mktemp("served")
    company = write_company(folder / "company", BOOKS, clock=f"{TODAY}T09:00:00-07:00")
    served = ServedSandbox(company, folder / "settings.env")
    served.start()
    yield served
    served.client.close()
    served.stop()


@pytest.fixture(scope="module")
def home(sandbox: ServedSandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built after somebody edited an invoice of the month unseen, between two runs."""
    home = tmp_path_factory.mktemp("home")
    write_raw(home / "raw.duckdb", [], as_of_date=TODAY)
    extraction = ExtractedHome(home)
    extraction.run(sandbox)
    people(sandbox, "edit_unstamped", object="Invoice", id="13", fields={"TotalAmt": EDITED_TO})
    sandbox.advance(SECONDS_PER_HOUR)
    extraction.run(sandbox)
    built = run_dbt(home, "run", "--select", "+tie_outs", "ar_open_items_as_of", as_of_date=TODAY)
    assert built.returncode == 0, built.stdout + built.stderr
    return home


def test_the_day_and_the_document_are_named(home: Path, sandbox: ServedSandbox) -> None:
    answer = run_q2c(home, "trace", **sandbox.settings)

    assert answer.returncode == 0, answer.stderr
    assert "part on 2026-05-17" in answer.stdout
    [line] = [line for line in answer.stdout.splitlines() if "INV-13" in line]
    assert line.split()[-3:] == ["100.00", "90.00", "10.00"]
    assert "Brakken Ltd (1)" in line
    assert "agrees on 2026-04-30 and differs on 2026-05-29: up to 6 metered" in answer.stderr
    assert f"{answer.stderr.count('Reading what QuickBooks')} metered reads" in answer.stderr


def test_a_customer_that_does_not_differ_needs_no_vendor(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace_home(Home(home), entity=None, customer="2", company=None)

    assert "nothing to trace" in capsys.readouterr().out


def test_what_has_been_mended_meanwhile_is_said(
    home: Path,
    sandbox: ServedSandbox,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in sandbox.settings.items():
        monkeypatch.setenv(name, value)
    people(sandbox, "edit_unstamped", object="Invoice", id="13", fields={"TotalAmt": WAS})

    trace_home(Home(home), entity=None, customer=None, company=None)

    assert "now shows the same documents" in capsys.readouterr().out
