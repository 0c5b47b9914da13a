"""A small QuickBooks company on disk, and a client that speaks to it as the vendor's own would.

Belongs here: writing the folder, signing in, asking. Does not belong here: expectations.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from tests.contract.conftest import ServedSandbox

CLOCK = "2026-03-02T09:00:00-08:00"
BEFORE = "2026-02-20T10:00:00-08:00"


def write_company(folder: Path, lists: dict[str, list[Any] | str], **facts: Any) -> Path:
    """A company folder from its facts and, by path below the folder, its lists of records."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "company.json").write_text(json.dumps({"name": "Brakken", "clock": CLOCK} | facts))
    for name, records in lists.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(records if isinstance(records, str) else json.dumps(records))
    return folder


def record(record_id: str, *, updated: str = BEFORE, **fields: Any) -> dict[str, Any]:
    times = {"CreateTime": updated, "LastUpdatedTime": updated}
    return {"Id": record_id, "SyncToken": "0", "MetaData": times, "domain": "QBO"} | fields


def deleted(record_id: str, updated: str) -> dict[str, Any]:
    return {
        "domain": "QBO",
        "status": "Deleted",
        "Id": record_id,
        "MetaData": {"LastUpdatedTime": updated},
    }


def item_line(amount: float, *, item: str = "1", **detail: Any) -> dict[str, Any]:
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": item}} | detail,
    }


@dataclass
class QuickBooksClient:
    """Signed in to one realm."""

    sandbox: ServedSandbox
    realm_id: str
    access_token: str

    @classmethod
    def sign_in(cls, sandbox: ServedSandbox, realm_id: str | None = None) -> "QuickBooksClient":
        settings = sandbox.settings
        name = f"QBO_REFRESH_TOKEN_{realm_id}" if realm_id else "QBO_REFRESH_TOKEN"
        answer = refresh(sandbox, settings[name])
        assert answer.status_code == 200, answer.text
        realm_id = realm_id or settings["QBO_REALM_ID"]
        return cls(sandbox, realm_id, answer.json()["access_token"])

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self.sandbox.get(
            f"/v3/company/{self.realm_id}/{path}", params=parameters, headers=self._headers()
        )

    def post(self, path: str, body: Any, **parameters: str) -> httpx.Response:
        return self.sandbox.post(
            f"/v3/company/{self.realm_id}/{path}",
            json=body,
            params=parameters,
            headers=self._headers(),
        )

    def query(self, statement: str) -> dict[str, Any]:
        answer = self.get("query", query=statement)
        assert answer.status_code == 200, answer.text
        return dict(exact(answer)["QueryResponse"])

    def ids(self, statement: str) -> list[str]:
        answer = self.query(statement)
        return [row["Id"] for rows in answer.values() if isinstance(rows, list) for row in rows]

    def refusal(self, statement: str) -> tuple[str, str]:
        """The fault code and detail that a statement is answered with."""
        return fault(self.get("query", query=statement))

    def read(self, entity: str, record_id: str) -> dict[str, Any]:
        answer = self.get(f"{entity.lower()}/{record_id}")
        assert answer.status_code == 200, answer.text
        return dict(exact(answer)[entity])

    def write(self, entity: str, body: Any, **parameters: str) -> dict[str, Any]:
        answer = self.post(entity.lower(), body, **parameters)
        assert answer.status_code == 200, answer.text
        return dict(exact(answer)[entity])

    def refused(self, entity: str, body: Any, **parameters: str) -> str:
        """The fault code that a write is answered with."""
        return fault(self.post(entity.lower(), body, **parameters))[0]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}", "Accept": "application/json"}


def refresh(
    sandbox: ServedSandbox, refresh_token: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    return sandbox.post(
        "/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        auth=(sandbox.settings["QBO_CLIENT_ID"], sandbox.settings["QBO_CLIENT_SECRET"]),
        headers=headers,
    )


def fault(answer: httpx.Response) -> tuple[str, str]:
    assert answer.status_code >= 400, answer.text
    error = answer.json()["Fault"]["Error"][0]
    return error["code"], error["Detail"]


def exact(answer: httpx.Response) -> Any:
    """The body with its amounts as Decimals of the digits on the wire."""
    return json.loads(answer.text, parse_float=Decimal)
