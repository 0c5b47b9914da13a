"""How many approved invoices a minute come into the books, beside what the vendor allows.

Belongs here: made-up units, the two ways and the table. Does not belong here: how invoices are
delivered, which is the product's.

The emulated vendors are a process of their own, answer after a network's delay and enforce the real
limits of QuickBooks. *Delivery* is what a run does: planned, checked again against the CRM (deal,
line, account and approval of each unit), committed, sent in batches, confirmed in a ledger on disk.
*One by one* creates a sample of the same invoices by one request each, without a ledger. Both count
only if every invoice is in the books once.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from measuring import machine, say

from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import (
    BATCHES_PER_MINUTE,
    MINOR_VERSION,
    QuickBooksClient,
)
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.accounting.quickbooks.writeback import BATCH_ITEMS_MAX, QuickBooksTarget
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.recheck import Recheck
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.opening import open_ledger
from q2c_pipeline.ledger.store import Ledger
from q2c_pipeline.ledger.target import Books, Wanted

SYSTEM = "quickbooks"
DEFAULT_UNITS = 3_000
SAMPLED_SINGLES = 100
LATENCY_SECONDS = 0.15
VENDOR_LIMITS = {"per_second": 10, "per_minute": 500, "in_flight": 10, "batch_per_minute": 120}
START_SECONDS_MAX = 60
CLOCK = "2026-07-01T09:00:00-07:00"
LINES_PER_INVOICE = 3
CUSTOMERS = 1_500
"""The emulated vendor works out a customer's balance from all documents; few have many at once."""
LISTS: dict[str, list[dict[str, Any]]] = {
    "Account": [
        {"Id": "84", "Name": "Accounts Receivable (A/R)", "AccountType": "Accounts Receivable"},
        {"Id": "79", "Name": "Sales", "AccountType": "Income"},
    ],
    "Customer": [
        {"Id": str(number), "DisplayName": f"Customer {number}", "Active": True}
        for number in range(1, CUSTOMERS + 1)
    ],
    "Item": [
        {"Id": "1", "Name": "Service", "Type": "Service", "IncomeAccountRef": {"value": "79"}}
    ],
}


class Result(NamedTuple):
    """So many invoices in so many seconds, by so many requests; ``refused`` by the limits."""

    way: str
    invoices: int
    seconds: float
    processor_seconds: float
    requests: int
    refused: int

    def per_minute(self) -> float:
        return self.invoices / self.seconds * 60


class Vendor(NamedTuple):
    url: str
    settings: dict[str, str]

    def refused(self) -> int:
        return int(httpx.get(f"{self.url}/_sandbox/throttle").json()["refused"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=DEFAULT_UNITS)
    parser.add_argument("--latency", type=float, default=LATENCY_SECONDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="q2c-bench-") as name:
        folder = Path(name)
        with (
            _served(folder, arguments.units, arguments.latency) as vendor,
            _client(vendor, folder) as client,
            _crm(vendor) as crm,
        ):
            say(f"Delivering {arguments.units:,} invoices in batches")
            delivered = _delivered(client, crm, vendor, folder, arguments.units)
            say(f"Creating {SAMPLED_SINGLES} invoices one by one")
            singles = _one_by_one(client, vendor, min(SAMPLED_SINGLES, arguments.units))
            _refuse_other_books(client, delivered.invoices + singles.invoices)
    print("\n".join(_table(delivered, singles, arguments.latency)))


def _delivered(
    client: QuickBooksClient, crm: SalesforceClient, vendor: Vendor, folder: Path, units: int
) -> Result:
    wishes = [_wanted(client.realm, "unit", number) for number in range(units)]
    read_at = datetime.fromisoformat(CLOCK)
    with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}", actor="bench", run_id="bench") as ledger:
        open_ledger(ledger, SYSTEM, client.realm, None)
        client.credentials.token()
        calls = client.calls + crm.calls
        began, processor = time.monotonic(), time.process_time()
        report = deliver(
            ledger,
            QuickBooksTarget(client),
            wishes,
            target_system=SYSTEM,
            entity=client.realm,
            recheck=Recheck(crm),
            stop=lambda: None,
            tell=lambda text: None,
            books=Books(read_at, []),
            mode="draft",
        )
        seconds, used = time.monotonic() - began, time.process_time() - processor
    if len(report.sent) != units:
        sys.exit(f"{len(report.sent)} of {units} were delivered, so the time says nothing.")
    requests = client.calls + crm.calls - calls
    return Result("delivery", units, seconds, used, requests, vendor.refused())


def _one_by_one(client: QuickBooksClient, vendor: Vendor, count: int) -> Result:
    refused, calls = vendor.refused(), client.calls
    began, processor = time.monotonic(), time.process_time()
    for number in range(count):
        client.api.post_json(
            f"/v3/company/{client.realm}/invoice",
            msgspec.Raw(_wanted(client.realm, "one", number).payload.encode()),
            asked="an invoice",
            answer=dict[str, msgspec.Raw],
            params={"requestid": f"one {number}", "minorversion": MINOR_VERSION},
        )
    seconds, used = time.monotonic() - began, time.process_time() - processor
    requests = client.calls - calls
    return Result("one by one", count, seconds, used, requests, vendor.refused() - refused)


def _refuse_other_books(client: QuickBooksClient, expected: int) -> None:
    found = client.api.get(
        f"/v3/company/{client.realm}/query",
        params={"query": "SELECT COUNT(*) FROM Invoice", "minorversion": MINOR_VERSION},
        asked="the number of invoices",
        answer=dict[str, Any],
    )["QueryResponse"]["totalCount"]
    if found != expected:
        sys.exit(f"The books hold {found} invoices instead of {expected}; nothing is reported.")


def _table(delivered: Result, singles: Result, latency: float) -> Sequence[str]:
    allowed = VENDOR_LIMITS["batch_per_minute"] * BATCH_ITEMS_MAX
    lines = [
        machine(),
        "",
        f"{latency * 1000:.0f} ms a request; the vendor allows {allowed:,} invoices a minute"
        f" ({VENDOR_LIMITS['batch_per_minute']} batches of {BATCH_ITEMS_MAX}). What takes more"
        f" than a minute is paced at {BATCHES_PER_MINUTE} batches,"
        f" {BATCHES_PER_MINUTE / VENDOR_LIMITS['batch_per_minute']:.0%} of that.",
        "",
        "| Way | Invoices | Seconds | Invoices a minute | Share of what is allowed | Requests"
        " | Throttled | CPU seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for result in (delivered, singles):
        lines.append(
            f"| {result.way} | {result.invoices:,} | {result.seconds:,.1f}"
            f" | {result.per_minute():,.0f} | {result.per_minute() / allowed:.0%}"
            f" | {result.requests:,} | {result.refused:,} | {result.processor_seconds:,.1f} |"
        )
    return lines


def _records(number: int) -> dict[str, list[dict[str, Any]]]:
    """What the CRM holds of a unit, and what its approval rests on."""
    deal, line, account, process = (
        f"{prefix}Hp{number:010}MAQ" for prefix in ("006", "00k", "001", "04g")
    )
    return {
        "Account": [{"Id": account, "Name": f"Customer {number}"}],
        "Opportunity": [{"Id": deal, "AccountId": account, "Amount": 300, "StageName": "Won"}],
        "OpportunityLineItem": [
            {"Id": line, "OpportunityId": deal, "Quantity": 3, "UnitPrice": 100, "TotalPrice": 300}
        ],
        "ProcessInstance": [
            {
                "Id": process,
                "TargetObjectId": deal,
                "Status": "Approved",
                "CreatedDate": "2026-06-30T09:00:00.000+0000",
            }
        ],
    }


def _wanted(realm: str, prefix: str, number: int) -> Wanted:
    unit = f"{prefix}{number}"
    marker = f"q2c:{realm}:salesforce:{unit}:-:1"
    line = {
        "Amount": 100,
        "DetailType": "SalesItemLineDetail",
        "Description": "A month of service",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}, "Qty": 1, "UnitPrice": 100},
    }
    payload = json.dumps(
        {
            "CustomerRef": {"value": str(number % CUSTOMERS + 1)},
            "TxnDate": "2026-07-01",
            "PrivateNote": f"{marker}\nMade up",
            "Line": [line] * LINES_PER_INVOICE,
        }
    )
    return Wanted(
        outbox_id=unit,
        system=SYSTEM,
        entity=realm,
        object="Invoice",
        operation="create",
        key=f"salesforce:{unit}:-",
        marker=marker,
        generation=1,
        payload=payload,
        payload_hash=sha256(payload.encode()).hexdigest(),
        reason="won and approved",
        evaluated_at=datetime.now(UTC),
        evaluated=json.dumps(_records(number)),
    )


@contextmanager
def _served(folder: Path, units: int, latency: float) -> Iterator[Vendor]:
    company, env_file = folder / "company", folder / "sandbox.env"
    for system in ("quickbooks", "salesforce"):
        (company / system).mkdir(parents=True)
    (company / "company.json").write_text(json.dumps({"clock": CLOCK}))
    for name, records in LISTS.items():
        (company / "quickbooks" / f"{name}.json").write_text(json.dumps(records))
    held = [_records(number) for number in range(units)]
    for name in held[0]:
        rows = [
            {"IsDeleted": False, "SystemModstamp": "2026-06-30T09:00:00.000+0000", **row}
            for of_unit in held
            for row in of_unit[name]
        ]
        (company / "salesforce" / f"{name}.json").write_text(json.dumps(rows))
    q2c = Path(sys.executable).with_name("q2c")
    command = [q2c, "sandbox", "serve", "--company", company, "--env-file", env_file]
    with subprocess.Popen([str(part) for part in command], env={**os.environ}) as process:
        try:
            deadline = time.monotonic() + START_SECONDS_MAX
            while not env_file.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("The emulated vendor did not start.")
                time.sleep(0.05)
            lines = env_file.read_text().splitlines()
            settings = dict(line.split("=", 1) for line in lines)
            url = settings["QBO_BASE_URL"]
            faults = {"share": 1, "kinds": ["latency"], "latency_seconds": latency}
            httpx.post(f"{url}/_sandbox/faults", json=faults).raise_for_status()
            limits = {"quickbooks": VENDOR_LIMITS}
            httpx.post(f"{url}/_sandbox/throttle", json=limits).raise_for_status()
            yield Vendor(url, settings)
        finally:
            process.terminate()


@contextmanager
def _client(vendor: Vendor, folder: Path) -> Iterator[QuickBooksClient]:
    settings = vendor.settings
    access = QuickBooksAccess(
        base_url=settings["QBO_BASE_URL"],
        token_url=settings["QBO_TOKEN_URL"],
        realm=settings["QBO_REALM_ID"],
        client_id=settings["QBO_CLIENT_ID"],
        client_secret=settings["QBO_CLIENT_SECRET"],
        refresh_token=settings["QBO_REFRESH_TOKEN"],
    )
    with QuickBooksClient(access, TokenStore(folder / "tokens")) as client:
        yield client


@contextmanager
def _crm(vendor: Vendor) -> Iterator[SalesforceClient]:
    settings = vendor.settings
    access = SalesforceAccess(
        login_url=settings["SALESFORCE_LOGIN_URL"],
        client_id=settings["SALESFORCE_CLIENT_ID"],
        client_secret=settings["SALESFORCE_CLIENT_SECRET"],
        api_version=settings["SALESFORCE_API_VERSION"],
    )
    with SalesforceClient(access) as client:
        yield client


if __name__ == "__main__":
    main()
