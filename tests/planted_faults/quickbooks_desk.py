"""A person at QuickBooks' pages: what they see, and what they do to one record.

Belongs here: reading everything page by page, and each act on a record, over plain HTTP. Does not
belong here: which records, and how many. Nothing is shared with the extraction that it checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.contract.conftest import ServedSandbox
from tests.planted_faults.fault import Key, Payload, Refused, exact, refuse

SYSTEM = "quickbooks"
PAGE_ROWS = 1000
BATCH_ITEMS_MAX = 30
SCOPE = "com.intuit.quickbooks.accounting"
REDIRECT_URI = "http://127.0.0.1/desk"
NAME_FIELDS = {
    **dict.fromkeys(("Customer", "Vendor", "Employee"), "DisplayName"),
    **dict.fromkeys(("Account", "Class", "Department", "Item", "PaymentMethod", "Term"), "Name"),
}
HIDING_INACTIVE = frozenset({*NAME_FIELDS, "TaxCode", "TaxRate"})
TABLES = {
    "accounts": "Account",
    "classes": "Class",
    "company_currencies": "CompanyCurrency",
    "credit_memos": "CreditMemo",
    "customers": "Customer",
    "departments": "Department",
    "deposits": "Deposit",
    "employees": "Employee",
    "estimates": "Estimate",
    "invoices": "Invoice",
    "items": "Item",
    "journal_entries": "JournalEntry",
    "payment_methods": "PaymentMethod",
    "payments": "Payment",
    "purchases": "Purchase",
    "refund_receipts": "RefundReceipt",
    "sales_receipts": "SalesReceipt",
    "tax_agencies": "TaxAgency",
    "tax_codes": "TaxCode",
    "tax_rates": "TaxRate",
    "terms": "Term",
    "vendors": "Vendor",
}
"""Raw tables, and what the vendor calls the records in them."""
FIELDS_READ = dict.fromkeys(("Vendor", "Employee"), "Id, DisplayName, Active")
"""What is taken of people whose other facts are no business of ours; of others, everything."""


@dataclass
class QuickBooksDesk:
    """Signs in by a consent of its own, so that nobody else's tokens move."""

    sandbox: ServedSandbox
    access_token: str = "none yet"

    def truth(self) -> dict[Key, Payload]:
        """Every living record, inactive ones included."""
        return {
            (entity, row["Id"]): row for entity in TABLES.values() for row in self._listed(entity)
        }

    def agrees(self, held: Payload, told: Payload) -> bool:
        return held == told

    def change(self, entity: str, record: Payload, **fields: Any) -> Payload:
        body = {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True, **fields}
        return self._written(entity, body)

    def rename(self, entity: str, record: Payload) -> None:
        whole = self._whole(entity, record)
        name = f"Renamed {record['Id']} {whole['SyncToken']}"
        self.change(entity, whole, **{NAME_FIELDS[entity]: name})

    def inactivate(self, entity: str, record: Payload) -> None:
        self.change(entity, self._whole(entity, record), Active=False)

    def note(self, entity: str, record: Payload) -> None:
        self.change(entity, record, PrivateNote="Seen by the auditor")

    def delete(self, entity: str, record: Payload) -> None:
        self._written(entity, _named(record), operation="delete")

    def void(self, entity: str, record: Payload) -> None:
        if entity == "Invoice":
            self._written(entity, _named(record), operation="void")
        else:
            sparse = _named(record) | {"sparse": True}
            self._written(entity, sparse, operation="update", include="void")

    def bill(self, entity: str, record: Payload) -> None:
        """A new invoice: it moves the customer's balance and stamp, and not its SyncToken."""
        line = {
            "Amount": 125,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }
        self._written(
            "Invoice",
            {
                "CustomerRef": {"value": record["Id"]},
                "CurrencyRef": {"value": record["CurrencyRef"]["value"]},
                "Line": [line],
            },
        )

    def merge(self, entity: str, record: Payload, into: Payload) -> None:
        self._act(act="merge_customers", loser=record["Id"], winner=into["Id"])

    def purge(self, entity: str, record: Payload) -> None:
        self._act(act="purge", object=entity, id=record["Id"])

    def restore(self, entity: str, record_id: str) -> None:
        self._act(act="restore", object=entity, id=record_id)

    def edit_unstamped(self, entity: str, record: Payload) -> None:
        name = NAME_FIELDS.get(entity, "PrivateNote")
        text = f"{record.get(name, '')} (seen)"
        self._act(act="edit_unstamped", object=entity, id=record["Id"], fields={name: text})

    def change_all(self, entity: str, records: Sequence[Payload], *, text: str) -> None:
        """The same words in each record, many in a request."""
        field = "Description" if entity == "Item" else "PrivateNote"
        for start in range(0, len(records), BATCH_ITEMS_MAX):
            items = [
                {
                    "bId": record["Id"],
                    "operation": "update",
                    entity: _named(record) | {"sparse": True, field: text},
                }
                for record in records[start : start + BATCH_ITEMS_MAX]
            ]
            answer = self._sent("POST", "batch", json={"BatchItemRequest": items})
            for item in answer["BatchItemResponse"]:
                if "Fault" in item:
                    raise Refused(str(item))

    def _listed(self, entity: str) -> list[Payload]:
        rows: list[Payload] = []
        fields = FIELDS_READ.get(entity, "*")
        where = " WHERE Active IN (true, false)" if entity in HIDING_INACTIVE else ""
        while len(rows) % PAGE_ROWS == 0:
            statement = (
                f"SELECT {fields} FROM {entity}{where} ORDERBY Id"
                f" STARTPOSITION {len(rows) + 1} MAXRESULTS {PAGE_ROWS}"
            )
            found = self._sent("GET", "query", params={"query": statement})
            page = found["QueryResponse"].get(entity, [])
            if not page:
                break
            rows += page
        return rows

    def _whole(self, entity: str, record: Payload) -> Payload:
        """The record with its SyncToken, where a listing left it out."""
        if "SyncToken" in record:
            return record
        return dict(self._sent("GET", f"{entity.lower()}/{record['Id']}")[entity])

    def _written(self, entity: str, body: Payload, **wishes: str) -> Payload:
        return dict(self._sent("POST", entity.lower(), json=body, params=wishes)[entity])

    def _act(self, **order: Any) -> None:
        refuse(self.sandbox.post("/_sandbox/people", json={"system": SYSTEM, **order}))

    def _sent(self, method: str, path: str, **request: Any) -> Payload:
        answer = self._answered(method, path, request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._sign_in()
            answer = self._answered(method, path, request)
        refuse(answer)
        return exact(answer.text)

    def _answered(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        realm = self.sandbox.settings["QBO_REALM_ID"]
        return self.sandbox.client.request(
            method,
            f"{self.sandbox.url}/v3/company/{realm}/{path}",
            headers={"Authorization": f"Bearer {self.access_token}", "Accept": "application/json"},
            **request,
        )

    def _sign_in(self) -> None:
        client_id = self.sandbox.settings["QBO_CLIENT_ID"]
        asked = {
            "client_id": client_id,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": REDIRECT_URI,
        }
        consent = self.sandbox.get("/connect/oauth2", params=asked)
        [code] = parse_qs(urlsplit(consent.headers["Location"]).query)["code"]
        granted = self.sandbox.post(
            "/oauth2/v1/tokens/bearer",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": REDIRECT_URI,
            },
            auth=(client_id, self.sandbox.settings["QBO_CLIENT_SECRET"]),
        )
        self.access_token = granted.raise_for_status().json()["access_token"]


def _named(record: Payload) -> Payload:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}
