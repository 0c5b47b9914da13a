"""Two companies in one warehouse: one that cannot be read does not hold up the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import marts, run_q2c, serving

NORTH, SOUTH = "9130000000000000001", "9130000000000000002"
CLOCK = "2026-03-31T12:00:00-07:00"


def books(name: str, invoice_total: str) -> dict[str, list[dict[str, Any]]]:
    """One customer, one open invoice."""
    stamp = {"MetaData": {"CreateTime": CLOCK, "LastUpdatedTime": CLOCK}, "SyncToken": "0"}
    return {
        "Account": [
            {"Id": "84", "Name": "A/R", "AccountType": "Accounts Receivable", "Active": True,
             "CurrencyRef": {"value": "USD"}, **stamp},
        ],
        "Customer": [
            {"Id": "1", "DisplayName": name, "Active": True, "CurrencyRef": {"value": "USD"},
             "Balance": float(invoice_total), **stamp},
        ],
        "Invoice": [
            {"Id": "10", "TxnDate": "2026-03-01", "DueDate": "2026-03-31",
             "CustomerRef": {"value": "1"}, "CurrencyRef": {"value": "USD"},
             "TotalAmt": float(invoice_total), "Balance": float(invoice_total),
             "Line": [], **stamp},
        ],
    }  # fmt: skip


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of a sandbox with two realms."""
    company = tmp_path / "company"
    for realm, name, total in ((NORTH, "Nordlys AS", "100.00"), (SOUTH, "Sudeste SA", "250.00")):
        folder = company / "quickbooks" / realm
        folder.mkdir(parents=True)
        for entity, records in books(name, total).items():
            (folder / f"{entity}.json").write_text(json.dumps(records))
    (company / "company.json").write_text(json.dumps({"name": "Two", "clock": CLOCK}))
    with serving(company, tmp_path / "settings.env") as settings:
        yield settings


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_an_entity_that_cannot_be_read_is_named_as_stale_and_the_other_is_published(
    served: dict[str, str], fresh_home: Path
) -> None:
    home = fresh_home
    south = f"QBO_REFRESH_TOKEN_{SOUTH}"

    both = run_q2c(home, "run", **served)
    assert both.returncode == 0, both.stderr
    published = marts(home)
    assert {row[0] for row in published["finance.ar_aging"]} == {NORTH, SOUTH}
    assert not [row for row in published["controls.exceptions"] if "stale_entity" in row]

    stale = run_q2c(home, "run", **{**served, south: "a-token-that-somebody-mistyped"})
    assert stale.returncode != 0
    assert f"quickbooks {SOUTH} is stale: it was last read at 2026-03-31 19:" in stale.stderr
    assert "a-token-that-somebody-mistyped" not in stale.stdout + stale.stderr
    after = marts(home)
    assert after["finance.ar_aging"] == published["finance.ar_aging"]
    (exception,) = (row for row in after["controls.exceptions"] if "stale_entity" in row)
    assert SOUTH in exception
