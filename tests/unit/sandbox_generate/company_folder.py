"""Reading a generated company folder in tests."""

import json
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
