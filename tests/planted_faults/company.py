"""The made-up company of the proof: small, with crowds where a feed or a page must overflow.

Belongs here: records added to the generated company folder. Does not belong here: faults.
"""

import json
from pathlib import Path
from typing import Any

from q2c_pipeline.sandbox.generate import generate

SEED = 7
INVOICES = 300
CROWDED_ITEMS = 520
CROWDED_CONTACTS = 2_100
"""More than a page holds."""
CROWD_ID_MIN = 10_000
PRODUCTS = 60
LINES = 150
QUICKBOOKS_STAMP = "2026-01-05T10:00:00-08:00"
SALESFORCE_STAMP = "2026-01-05T18:00:00.000+0000"
"""One moment for all of a crowd, so that no page ends between two moments."""


def make_company(folder: Path, *, estimates: int) -> Path:
    generate(folder, seed=SEED, invoices=INVOICES)
    quickbooks, salesforce = folder / "quickbooks", folder / "salesforce"
    customer = next(row for row in _rows(quickbooks / "Customer.json") if row["Active"])
    _add(quickbooks / "Item.json", [_item(number) for number in range(CROWDED_ITEMS)])
    _add(quickbooks / "Estimate.json", [_estimate(number, customer) for number in range(estimates)])
    _add(salesforce / "Contact.json", [_contact(number) for number in range(CROWDED_CONTACTS)])
    _add(salesforce / "Product2.json", [_product(number) for number in range(PRODUCTS)])
    _add(salesforce / "PricebookEntry.json", [_entry(number) for number in range(PRODUCTS)])
    deals = _rows(salesforce / "Opportunity.json")[:LINES]
    lines = [_line(number, deal["Id"]) for number, deal in enumerate(deals)]
    _add(salesforce / "OpportunityLineItem.json", lines)
    return folder


def _item(number: int) -> dict[str, Any]:
    name = f"Crowded item {number}"
    kept = {"Name": name, "FullyQualifiedName": name, "Active": True, "Type": "Service"}
    return _kept_in_quickbooks(CROWD_ID_MIN + number) | kept


def _estimate(number: int, customer: dict[str, Any]) -> dict[str, Any]:
    line = {"Amount": 10.0, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    return _kept_in_quickbooks(2 * CROWD_ID_MIN + number) | {
        "DocNumber": f"E{number}",
        "TxnDate": "2026-06-20",
        "CurrencyRef": customer["CurrencyRef"],
        "ExchangeRate": 1,
        "CustomerRef": {"value": customer["Id"]},
        "TxnStatus": "Pending",
        "Line": [line],
        "TotalAmt": 10.0,
    }


def _kept_in_quickbooks(number: int) -> dict[str, Any]:
    times = {"CreateTime": QUICKBOOKS_STAMP, "LastUpdatedTime": QUICKBOOKS_STAMP}
    return {
        "Id": str(number), "SyncToken": "0", "MetaData": times, "domain": "QBO", "sparse": False,
    }  # fmt: skip


def _contact(number: int) -> dict[str, Any]:
    return _kept_in_salesforce("003", number) | {"LastName": f"Crowded {number}"}


def _product(number: int) -> dict[str, Any]:
    return _kept_in_salesforce("01t", number) | {"Name": f"Product {number}", "IsActive": True}


def _entry(number: int) -> dict[str, Any]:
    return _kept_in_salesforce("01u", number) | {
        "Name": f"Product {number}",
        "Pricebook2Id": _salesforce_id("01s", 1),
        "Product2Id": _salesforce_id("01t", number),
        "UnitPrice": 25.5,
        "IsActive": True,
    }


def _line(number: int, deal_id: str) -> dict[str, Any]:
    product = number % PRODUCTS
    return _kept_in_salesforce("00k", number) | {
        "OpportunityId": deal_id,
        "PricebookEntryId": _salesforce_id("01u", product),
        "Product2Id": _salesforce_id("01t", product),
        "Quantity": 2,
        "UnitPrice": 25.5,
        "TotalPrice": 51.0,
    }


def _kept_in_salesforce(prefix: str, number: int) -> dict[str, Any]:
    moments = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), SALESFORCE_STAMP)
    return {"Id": _salesforce_id(prefix, number), "IsDeleted": False, **moments}


def _salesforce_id(prefix: str, number: int) -> str:
    """With digits alone, the last three characters are always the same, for each prefix."""
    return f"{prefix}{900_000_000 + number:012d}AAA"


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return rows


def _add(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(_rows(path) + rows))
