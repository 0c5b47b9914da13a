"""A person at Salesforce's pages: what they see, and what they do to one record.

Belongs here: reading everything page by page, and each act on a record, over plain HTTP. Does not
belong here: which records, and how many. Nothing is shared with the extraction that it checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.contract.conftest import ServedSandbox
from tests.planted_faults.fault import Key, Payload, Refused, exact, refuse

SYSTEM = "salesforce"
COLLECTION_RECORDS_MAX = 200
NAME_FIELDS = {
    **dict.fromkeys(("Account", "Opportunity", "Product2"), "Name"),
    **dict.fromkeys(("Contact", "User"), "LastName"),
}
TABLES = {
    "accounts": "Account",
    "contacts": "Contact",
    "contracts": "Contract",
    "currency_types": "CurrencyType",
    "opportunities": "Opportunity",
    "opportunity_field_history": "OpportunityFieldHistory",
    "opportunity_history": "OpportunityHistory",
    "opportunity_line_item_schedules": "OpportunityLineItemSchedule",
    "opportunity_line_items": "OpportunityLineItem",
    "pricebook_entries": "PricebookEntry",
    "process_instance_steps": "ProcessInstanceStep",
    "process_instances": "ProcessInstance",
    "products": "Product2",
    "record_types": "RecordType",
    "users": "User",
}
"""Raw tables, and what the vendor calls the records in them."""


@dataclass
class SalesforceDesk:
    """Signs in on its own."""

    sandbox: ServedSandbox
    access_token: str = "none yet"

    def truth(self) -> dict[Key, Payload]:
        """Every living record with all of its fields."""
        return {(name, row["Id"]): row for name in TABLES.values() for row in self._listed(name)}

    def agrees(self, held: Payload, told: Payload) -> bool:
        """The extraction asks for fewer fields than there are."""
        return all(told.get(name) == value for name, value in held.items() if name != "attributes")

    def change(self, name: str, record: Payload, **fields: Any) -> None:
        self._sent("PATCH", f"sobjects/{name}/{record['Id']}", json=fields)

    def create(self, name: str, **fields: Any) -> str:
        return str(self._sent("POST", f"sobjects/{name}", json=fields)["id"])

    def rename(self, name: str, record: Payload) -> None:
        field = NAME_FIELDS[name]
        self.change(name, record, **{field: f"{record[field]} II"})

    def inactivate(self, name: str, record: Payload) -> None:
        self.change(name, record, IsActive=False)

    def delete(self, name: str, record: Payload) -> None:
        self._sent("DELETE", f"sobjects/{name}/{record['Id']}")

    def sell_more(self, line: Payload) -> None:
        """Changes a line, and with it the amount of its deal, which nobody touched."""
        quantity = int(line["Quantity"]) + 1
        self.change("OpportunityLineItem", line, Quantity=quantity)

    def merge(self, record: Payload, into: Payload) -> None:
        self._act(act="merge_accounts", loser=record["Id"], winner=into["Id"])

    def purge(self, name: str, record: Payload) -> None:
        self._act(act="purge", object=name, id=record["Id"])

    def undelete(self, name: str, record_id: str) -> None:
        self._act(act="undelete", object=name, id=record_id)

    def edit_unstamped(self, name: str, record: Payload) -> None:
        fields: Payload = (
            {NAME_FIELDS[name]: f"{record[NAME_FIELDS[name]]} (seen)"}
            if name in NAME_FIELDS
            else {"UnitPrice": 7}
        )
        self._act(act="edit_unstamped", object=name, id=record["Id"], fields=fields)

    def change_all(self, name: str, records: Sequence[Payload], **fields: Any) -> None:
        """The same change of each record, many in a request."""
        for start in range(0, len(records), COLLECTION_RECORDS_MAX):
            chosen = records[start : start + COLLECTION_RECORDS_MAX]
            bodies = [{"attributes": {"type": name}, "id": row["Id"], **fields} for row in chosen]
            answers = self._sent("PATCH", "composite/sobjects", json={"records": bodies})
            refused = [answer for answer in answers if not answer["success"]]
            if refused:
                raise Refused(str(refused))

    def _listed(self, name: str) -> list[Payload]:
        try:
            described = self._sent("GET", f"sobjects/{name}/describe")
        except Refused:
            return []
        fields = ", ".join(field["name"] for field in described["fields"])
        page = self._sent("GET", "query", params={"q": f"SELECT {fields} FROM {name} ORDER BY Id"})
        rows: list[Payload] = page["records"]
        while not page["done"]:
            page = self._sent("GET", page["nextRecordsUrl"].rsplit("/v", 1)[1].split("/", 1)[1])
            rows += page["records"]
        return rows

    def _act(self, **order: Any) -> None:
        refuse(self.sandbox.post("/_sandbox/people", json={"system": SYSTEM, **order}))

    def _sent(self, method: str, path: str, **request: Any) -> Any:
        answer = self._answered(method, path, request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._sign_in()
            answer = self._answered(method, path, request)
        refuse(answer)
        return exact(answer.text) if answer.content else None

    def _answered(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        version = self.sandbox.settings["SALESFORCE_API_VERSION"]
        return self.sandbox.client.request(
            method,
            f"{self.sandbox.url}/services/data/v{version}/{path}",
            headers={"Authorization": f"Bearer {self.access_token}"},
            **request,
        )

    def _sign_in(self) -> None:
        settings = self.sandbox.settings
        granted = self.sandbox.post(
            "/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(settings["SALESFORCE_CLIENT_ID"], settings["SALESFORCE_CLIENT_SECRET"]),
        )
        self.access_token = granted.raise_for_status().json()["access_token"]
