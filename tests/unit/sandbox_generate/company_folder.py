"""Reading a generated company folder in tests."""

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

INVOICES = 400


class Folder:
    """Reads a company folder; amounts come as decimals, deleted stubs apart from records."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def everything(self, system: str, name: str) -> list[dict[str, Any]]:
        text = (self.path / system / f"{name}.json").read_text(encoding="utf-8")
        records: list[dict[str, Any]] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        return records

    def books(self, entity: str) -> list[dict[str, Any]]:
        return [each for each in self.everything("quickbooks", entity) if "status" not in each]

    def crm(self, sobject: str) -> list[dict[str, Any]]:
        return self.everything("salesforce", sobject)

    def answers(self, name: str) -> list[dict[str, str]]:
        path = self.path / "answers" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def first_customers(self) -> set[str]:
        """Ids of the customers that an account stands for, without those entered twice."""
        pairs = self.answers("duplicates")
        twins = {
            max(row["left_id"], row["right_id"], key=int)
            for row in pairs
            if row["right_system"] == "quickbooks" and row["verdict"] == "duplicate"
        }
        return {row["left_id"] for row in pairs if row["verdict"] == "link"} - twins

    def first_invoices(self) -> dict[str, str]:
        """When the first invoice of each billed deal was entered, as Salesforce would write it."""
        entered = {
            each["Id"]: datetime.fromisoformat(each["MetaData"]["CreateTime"]).astimezone(UTC)
            for each in self.books("Invoice")
        }
        first: dict[str, datetime] = {}
        for row in self.answers("links"):
            moment = entered[row["invoice_id"]]
            deal_id = row["opportunity_id"]
            first[deal_id] = min(first.get(deal_id, moment), moment)
        return {
            deal_id: f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000" for deal_id, moment in first.items()
        }
