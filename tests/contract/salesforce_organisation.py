"""A small Salesforce organisation as a company folder, and its extraction over HTTP.

Belongs here: records, runs and looks into the store. Does not belong here: expectations.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.extract import extract_salesforce
from q2c_pipeline.defs.crm.salesforce.objects import TABLES
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess

STAMP = "2026-03-01T14:05:58.000+0000"
DAY_SECONDS = 86_400


def company(folder: Path, accounts: list[dict[str, Any]], **objects: Any) -> Path:
    """Other ``objects`` by the vendor's name."""
    (folder / "salesforce").mkdir(parents=True)
    (folder / "company.json").write_text(json.dumps({"clock": "2026-03-02T09:00:00-08:00"}))
    for name, records in {"Account": accounts, **objects}.items():
        (folder / "salesforce" / f"{name}.json").write_text(json.dumps(records))
    return folder


def account(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Id": account_id(number),
        "Name": f"Account {number}",
        "SystemModstamp": STAMP,
        "IsDeleted": False,
        **fields,
    }


def account_id(number: int) -> str:
    return f"001{number:012d}AAA"


def accounts(count: int) -> list[dict[str, Any]]:
    return [account(number) for number in range(1, count + 1)]


def signed_in(
    sandbox: Any,
    transport: httpx.BaseTransport | None = None,
    *,
    retry: RetryPolicy | None = None,
) -> SalesforceClient:
    """Unpaced, for the sandbox needs no rest."""
    settings = sandbox.settings
    access = SalesforceAccess(
        login_url=settings["SALESFORCE_LOGIN_URL"],
        client_id=settings["SALESFORCE_CLIENT_ID"],
        client_secret=settings["SALESFORCE_CLIENT_SECRET"],
        api_version=settings["SALESFORCE_API_VERSION"],
    )
    return SalesforceClient(
        access,
        pacer=Pacer(per_second=10_000, per_minute=100_000, in_flight=1),
        retry=retry or RetryPolicy(first_wait_seconds=0.01, throttled_seconds=0.05),
        transport=transport,
    )


def run(
    sandbox: Any,
    raw: Path,
    run_id: str,
    *,
    progress: Callable[[str], None] = lambda line: None,
    transport: httpx.BaseTransport | None = None,
    **choices: Any,
) -> Extraction:
    with signed_in(sandbox, transport) as client, RawStore(raw) as store:
        store.prepare({"salesforce": TABLES})
        return extract_salesforce(
            store,
            client,
            run_id=run_id,
            as_of=None,
            time_zone="America/Los_Angeles",
            progress=progress,
            **choices,
        )


def read_and_new(extraction: Extraction, table: str = "accounts") -> tuple[int, int]:
    """Records read and new versions."""
    [counts] = [load.counts for load in extraction.loads if load.object == table]
    return counts.read, counts.versions


def looked_up(raw: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query of the raw store finds."""
    with RawStore(raw) as store:
        return store.connection.execute(query).fetchall()


def live(raw: Path, table: str = "accounts") -> set[str]:
    """Ids of the live records."""
    rows = looked_up(
        raw,
        f"select record_id from raw_salesforce.{table}"
        " group by record_id having not arg_max(is_deleted, version)",
    )
    return {record_id for (record_id,) in rows}


def last_counts(raw: Path, table: str = "accounts") -> tuple[int, int]:
    """Ours and theirs, as last recorded."""
    [counts] = looked_up(
        raw,
        f"select ours, theirs from raw_salesforce.counts where object = '{table}'"
        " order by counted_at desc, rowid desc limit 1",
    )
    return counts[0], counts[1]


def people(sandbox: Any, act: str, **facts: Any) -> None:
    """What people or the vendor do that no API call does."""
    order = {"system": "salesforce", "act": act, **facts}
    answer = sandbox.post("/_sandbox/people", json=order)
    assert answer.is_success, answer.text
