"""What the served sandbox reports of receivables, as rows to compare with.

Belongs here: signing in over HTTP and flattening reports. Does not belong here: expectations.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

BUCKETS = ("current", "1-30", "31-60", "61-90", "90+")
BUCKET_OF_SECTION = dict(
    zip(("Current", "1 - 30", "31 - 60", "61 - 90", "91 and over"), BUCKETS, strict=True)
)
UNNAMED = "unnamed"
"""Whose a row is that names no customer."""
DETAIL_COLUMNS = "txn_type,cust_name,due_date,currency,foreign_open_bal,subt_open_bal"
REQUEST_SECONDS_MAX = 30
Json = dict[str, Any]


class ReportedDocument(NamedTuple):
    """A line of AgedReceivableDetail; one document may have several lines."""

    customer_id: str
    currency: str
    bucket: str
    transaction_id: str
    due_date: date
    open_amount: Decimal


@contextmanager
def reports_of(settings: dict[str, str]) -> Iterator["Reports"]:
    base_url = settings["QBO_BASE_URL"]
    with httpx.Client(base_url=base_url, timeout=REQUEST_SECONDS_MAX) as client:
        yield Reports(settings, client)


class Reports:
    """The reports of all realms of one sandbox."""

    def __init__(self, settings: dict[str, str], client: httpx.Client) -> None:
        self._settings = settings
        self._client = client
        self._tokens: dict[str, str] = {}

    def open_documents(self, realm_id: str, day: date, *, home: str) -> list[ReportedDocument]:
        report = self._report(
            realm_id, "AgedReceivableDetail", report_date=str(day), columns=DETAIL_COLUMNS
        )
        keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
        return [
            _document(dict(zip(keys, row["ColData"], strict=True)), section["group"], home)
            for section in report["Rows"].get("Row", [])
            for row in section.get("Rows", {}).get("Row", [])
        ]

    def home_buckets(self, realm_id: str, day: date) -> dict[tuple[str, str], Decimal]:
        """Home amounts of AgedReceivables by customer and bucket; its grand total by neither."""
        report = self._report(realm_id, "AgedReceivables", report_date=str(day))
        found: dict[tuple[str, str], Decimal] = {}
        for cells in _own_rows(report["Rows"].get("Row", [])):
            for bucket, cell in zip(BUCKETS, cells[1:], strict=False):
                if cell["value"]:
                    found[cells[0].get("id", UNNAMED), bucket] = Decimal(cell["value"])
        return found

    def control_accounts(self, realm_id: str, day: date) -> Decimal:
        """Receivables on the balance sheet."""
        report = self._report(realm_id, "BalanceSheet", end_date=str(day))
        totals = [
            row["Summary"]["ColData"][-1]["value"]
            for row in _sections(report["Rows"].get("Row", []))
            if row.get("group") == "AR"
        ]
        return sum(map(Decimal, totals), Decimal(0))

    def _report(self, realm_id: str, name: str, **parameters: str) -> Json:
        answer = self._client.get(
            f"/v3/company/{realm_id}/reports/{name}",
            params=parameters,
            headers={"Authorization": f"Bearer {self._token(realm_id)}"},
        )
        answer.raise_for_status()
        report: Json = answer.json()
        return report

    def _token(self, realm_id: str) -> str:
        if realm_id not in self._tokens:
            answer = self._client.post(
                self._settings["QBO_TOKEN_URL"],
                data={
                    "grant_type": "refresh_token",
                    "refresh_token": self._settings[f"QBO_REFRESH_TOKEN_{realm_id}"],
                },
                auth=(self._settings["QBO_CLIENT_ID"], self._settings["QBO_CLIENT_SECRET"]),
            )
            answer.raise_for_status()
            self._tokens[realm_id] = answer.json()["access_token"]
        return self._tokens[realm_id]


def _document(cells: dict[str, Json], section: str, home: str) -> ReportedDocument:
    """A company of one currency has no columns for others."""
    amount = cells.get("foreign_open_bal", cells["subt_open_bal"])["value"]
    return ReportedDocument(
        customer_id=cells["cust_name"].get("id", UNNAMED),
        currency=cells["currency"]["value"] if "currency" in cells else home,
        bucket=BUCKET_OF_SECTION[section],
        transaction_id=cells["txn_type"]["id"],
        due_date=date.fromisoformat(cells["due_date"]["value"]),
        open_amount=Decimal(amount or 0),
    )


def _own_rows(rows: list[Json]) -> Iterator[list[Json]]:
    """Cells of every customer's own row, jobs below their parents."""
    for row in rows:
        if "ColData" in row:
            yield row["ColData"]
        elif "Header" in row:
            yield row["Header"]["ColData"]
            yield from _own_rows(row["Rows"]["Row"])


def _sections(rows: list[Json]) -> Iterator[Json]:
    for row in rows:
        yield row
        yield from _sections(row.get("Rows", {}).get("Row", []))
