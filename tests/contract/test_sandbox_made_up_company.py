"""The made-up sales side in the sandbox: served whole, and in keeping with what it derives."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

WRITTEN_BACK: dict[str, dict[str, Any]] = {
    "Account": {
        "AR_Standing__c": "watch",
        "AR_Balance__c": 1204.5,
        "AR_Overdue__c": 0.0,
        "AR_Currency__c": "USD",
        "AR_As_Of__c": "2026-07-01",
    },
    "Opportunity": {
        "Invoice_Status__c": "Open",
        "Invoice_Link__c": "https://app.qbo.intuit.com/app/invoice?txnId=17",
        "Invoiced_Amount__c": 990.0,
        "Invoice_Balance__c": 0.0,
        "Invoice_Paid_Date__c": "2026-06-30",
        "Invoice_Note__c": "Voided in QuickBooks on 2026-06-29",
    },
}
CUSTOM_FIELDS = {
    "Account": (
        "QBO_Customer_Id__c",
        "Credit_Limit__c",
        "Segment__c",
        "Region__c",
        "Legal_Name__c",
        "Billing_Email__c",
        "Payment_Terms__c",
        "Tax_Status__c",
        "Tax_Certificate__c",
        "Finance_Status__c",
        *WRITTEN_BACK["Account"],
    ),
    "Opportunity": (
        "QBO_Invoice_Ids__c",
        "QBO_Invoice_Numbers__c",
        "QBO_Estimate_Ids__c",
        "PO_Number__c",
        "Billing_Status__c",
        "Billing_Closed_Date__c",
        "Delivery_Status__c",
        "Payment_Terms__c",
        *WRITTEN_BACK["Opportunity"],
    ),
    "OpportunityLineItemSchedule": ("Delivery_Status__c",),
}

Records = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("made up") / "company"
    generate(folder, seed=7, invoices=300)
    return {path.stem: _rows(path) for path in sorted((folder / "salesforce").iterdir())}


@pytest.fixture
def organisation(records: Records) -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        for sobject, rows in records.items():
            world.load(sobject, rows)
        world.sign_in()
        yield world


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


def _served(world: SalesforceWorld, sobject: str, id: str) -> dict[str, Any]:
    answer = world.call("GET", f"/sobjects/{sobject}/{id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_record_is_served(organisation: SalesforceWorld, records: Records) -> None:
    assert {"Product2", "OpportunityLineItem", "ProcessInstance"} < records.keys()
    for sobject, rows in records.items():
        counted = organisation.query(f"SELECT COUNT() FROM {sobject}", everything=True)
        assert counted["totalSize"] == len(rows), sobject
        living = organisation.query(f"SELECT COUNT() FROM {sobject}")
        assert living["totalSize"] == sum(not row.get("IsDeleted") for row in rows), sobject


def test_every_value_is_of_a_field_that_the_organisation_knows(
    organisation: SalesforceWorld, records: Records
) -> None:
    for sobject, rows in records.items():
        described = organisation.call("GET", f"/sobjects/{sobject}/describe").json()
        known = {field["name"] for field in described["fields"]}
        custom = set(CUSTOM_FIELDS.get(sobject, ()))
        assert {name for name in known if name.endswith("__c")} == custom
        assert {name for row in rows for name in row} - known <= {"attributes"}, sobject


def test_a_line_that_changes_finds_its_deal_as_the_vendor_would_have_left_it(
    organisation: SalesforceWorld, records: Records
) -> None:
    line = next(row for row in records["OpportunityLineItem"] if row["Quantity"] > 1)
    deal = _served(organisation, "Opportunity", line["OpportunityId"])

    more = line["Quantity"] + 2
    path = f"/sobjects/OpportunityLineItem/{line['Id']}"
    assert organisation.call("PATCH", path, json={"Quantity": more}).status_code == 204

    after = _served(organisation, "Opportunity", line["OpportunityId"])
    added = 2 * Decimal(str(line["UnitPrice"]))
    assert Decimal(str(after["Amount"])) == Decimal(str(deal["Amount"])) + added


def test_instalments_leave_their_line_and_deal_as_they_are(
    organisation: SalesforceWorld, records: Records
) -> None:
    instalment = records["OpportunityLineItemSchedule"][0]
    line_id = instalment["OpportunityLineItemId"]
    before = _served(organisation, "OpportunityLineItem", line_id)
    deal = _served(organisation, "Opportunity", before["OpportunityId"])

    path = f"/sobjects/OpportunityLineItemSchedule/{instalment['Id']}"
    changed = organisation.call("PATCH", path, json={"Revenue": instalment["Revenue"]})
    assert changed.status_code == 204

    after = _served(organisation, "OpportunityLineItem", line_id)
    for name in ("Quantity", "UnitPrice", "Subtotal", "TotalPrice"):
        assert after[name] == before[name]
    assert _served(organisation, "Opportunity", deal["Id"])["Amount"] == deal["Amount"]


@pytest.mark.parametrize("sobject", WRITTEN_BACK)
def test_what_is_written_back_is_taken_and_served(
    organisation: SalesforceWorld, records: Records, sobject: str
) -> None:
    changes = WRITTEN_BACK[sobject]
    ids = [row["Id"] for row in records[sobject][:3]]
    updates = [{"attributes": {"type": sobject}, "id": id, **changes} for id in ids]

    answer = organisation.call("PATCH", "/composite/sobjects", json={"records": updates})

    assert [result["success"] for result in answer.json()] == [True] * len(ids)
    for id in ids:
        served = _served(organisation, sobject, id)
        assert {name: served[name] for name in changes} == changes
    described = organisation.call("GET", f"/sobjects/{sobject}/describe").json()
    updateable = {field["name"] for field in described["fields"] if field["updateable"]}
    assert changes.keys() <= updateable
