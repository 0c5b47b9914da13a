"""QuickBooks companies as folders, and their extraction over HTTP, run after run.

Belongs here: records, runs, looks into the store. Does not belong here: expectations.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.extract import extract_quickbooks
from q2c_pipeline.defs.accounting.quickbooks.objects import REPORTS, TABLES
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess

SECONDS_PER_HOUR = 3_600
SECONDS_PER_DAY = 86_400
CUSTOMERS = [{"Id": "1", "DisplayName": "Brakken Ltd", "Active": True}]
RECEIVABLES = [
    {
        "Id": "84",
        "Name": "Accounts Receivable (A/R)",
        "AccountType": "Accounts Receivable",
        "CurrencyRef": {"value": "USD"},
        "Active": True,
    }
]


class Home:
    """One raw store and one token folder, over several runs; ``told`` are the last run's lines."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw.duckdb"
        self.tokens = TokenStore(folder / "tokens")
        self.runs = 0
        self.told: list[str] = []

    def run(
        self,
        sandbox: Any,
        *,
        progress: Callable[[str], None] = lambda line: None,
        transport: httpx.BaseTransport | None = None,
        **choices: Any,
    ) -> Extraction:
        settings = sandbox.settings
        self.runs += 1
        self.told = []
        access = QuickBooksAccess(
            base_url=settings["QBO_BASE_URL"],
            token_url=settings["QBO_TOKEN_URL"],
            realm=settings["QBO_REALM_ID"],
            client_id=settings["QBO_CLIENT_ID"],
            client_secret=settings["QBO_CLIENT_SECRET"],
            refresh_token=settings["QBO_REFRESH_TOKEN"],
        )

        def tell(line: str) -> None:
            self.told.append(line)
            progress(line)

        # The sandbox has no limits to keep inside; the pacer's own tests prove the waiting.
        pacer = Pacer(per_second=1000, per_minute=60_000, in_flight=8)
        with (
            QuickBooksClient(access, self.tokens, pacer=pacer, transport=transport) as client,
            RawStore(self.raw) as store,
        ):
            store.prepare({"quickbooks": TABLES})
            return extract_quickbooks(
                store,
                client,
                run_id=f"run {self.runs}",
                progress=tell,
                **{"as_of": None, "time_zone": None, **choices},
            )

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with RawStore(self.raw) as store:
            return store.connection.execute(query, parameters).fetchall()

    def history(self, table: str, record_id: str) -> list[bool]:
        """Of each version of the record, the oldest first, whether it is a deletion."""
        versions = self.rows(
            f"select is_deleted from raw_quickbooks.{table} where record_id = $1 order by version",
            record_id,
        )
        return [is_deleted for (is_deleted,) in versions]

    def counted(self, run: str | None = None) -> dict[str, tuple[int, int]]:
        """Ours and theirs by object, as the run (the last one) recorded them."""
        rows = self.rows(
            "select object, ours, theirs from raw_quickbooks.counts where run_id = $1",
            run or f"run {self.runs}",
        )
        return {object: (ours, theirs) for object, ours, theirs in rows}


def versions(extraction: Extraction) -> dict[str, int]:
    """New versions by object, control reports left out."""
    reports = {spec.name for spec in REPORTS}
    found: dict[str, int] = {}
    for load in extraction.loads:
        if load.counts.versions and load.object not in reports:
            found[load.object] = found.get(load.object, 0) + load.counts.versions
    return found


def read_of(extraction: Extraction, object: str) -> int:
    """How many rows of the object came in."""
    return sum(load.counts.read for load in extraction.loads if load.object == object)


def people(sandbox: Any, act: str, **order: Any) -> None:
    """What no API call does, done behind its back."""
    answer = sandbox.post("/_sandbox/people", json={"system": "quickbooks", "act": act, **order})
    assert answer.is_success, answer.text


def company(folder: Path, **entities: list[dict[str, Any]]) -> Path:
    (folder / "quickbooks").mkdir(parents=True)
    clock = {"clock": "2026-05-05T09:00:00-07:00"}
    (folder / "company.json").write_text(json.dumps(clock))
    for name, records in entities.items():
        (folder / "quickbooks" / f"{name}.json").write_text(json.dumps(records))
    return folder


def invoice(record_id: str | None, **fields: Any) -> dict[str, Any]:
    whole = {
        "Id": record_id,
        "SyncToken": "0",
        "TxnDate": "2026-04-07",
        "DueDate": "2026-05-07",
        "TotalAmt": 100.00,
        "Balance": 100.00,
        "CustomerRef": {"value": "1"},
        "CurrencyRef": {"value": "USD"},
        "MetaData": {"LastUpdatedTime": "2026-04-07T10:00:00-07:00"},
        "Line": [],
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}
