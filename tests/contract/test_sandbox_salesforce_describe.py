"""Describe tells the standard fields and those that the company's records bring along."""

from collections.abc import Iterator
from typing import Any

import pytest

from q2c_pipeline.sandbox.salesforce.ids import normalised
from tests.contract.salesforce_world import SalesforceWorld, salesforce_world


@pytest.fixture(scope="module")
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load(
            "Account",
            [
                {
                    "attributes": {"type": "Account"},
                    "Id": "001000000000001AAA",
                    "Owner": {"attributes": {"type": "User"}, "Name": "Anna"},
                    "CurrencyIsoCode": "EUR",
                    "QBO_Customer_Id__c": None,
                    "Credit_Limit__c": None,
                    "Is_Key__c": False,
                    "Since__c": "2026-01-01",
                    "Seen__c": "2026-01-01T00:00:00Z",
                    "Never__c": None,
                },
                {"Id": "001000000000002AAA", "QBO_Customer_Id__c": "17", "Credit_Limit__c": 5e3},
            ],
        )
        world.load("Invoice__c", [{"Id": "a00000000000001AAA", "Total__c": 5}])
        world.sign_in()
        yield world


def _fields(world: SalesforceWorld, object_name: str) -> dict[str, dict[str, Any]]:
    description = world.call("GET", f"/sobjects/{object_name}/describe/").json()
    return {field["name"]: field for field in description["fields"]}


def test_standard_fields_have_their_traits(organisation: SalesforceWorld) -> None:
    fields = _fields(organisation, "Opportunity")
    assert fields["Amount"]["type"] == "currency"
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields["AccountId"]["relationshipName"] == "Account"
    assert (fields["Name"]["length"], fields["Name"]["nillable"]) == (120, False)
    assert (fields["IsWon"]["createable"], fields["IsWon"]["updateable"]) == (False, False)
    assert fields["Description"]["filterable"] is False


def test_custom_fields_are_inferred_from_records(organisation: SalesforceWorld) -> None:
    fields = _fields(organisation, "Account")
    types = {name: field["type"] for name, field in fields.items() if field["custom"]}
    assert types == {
        "QBO_Customer_Id__c": "string",
        "Credit_Limit__c": "double",
        "Is_Key__c": "boolean",
        "Since__c": "date",
        "Seen__c": "datetime",
        "Never__c": "string",
    }
    assert fields["QBO_Customer_Id__c"]["externalId"] is True
    assert {"attributes", "Owner"}.isdisjoint(fields)


def test_one_record_with_a_currency_tells_of_several_currencies(
    organisation: SalesforceWorld,
) -> None:
    for name in ("Account", "Opportunity", "OpportunityLineItem", "PricebookEntry", "User"):
        assert "CurrencyIsoCode" in _fields(organisation, name)
    assert "CurrencyIsoCode" not in _fields(organisation, "RecordType")
    assert {"IsoCode", "ConversionRate"} <= set(_fields(organisation, "CurrencyType"))
    made = organisation.call("POST", "/sobjects/Product2", json={"Name": "Pump"}).json()["id"]
    shown = organisation.call("GET", f"/sobjects/Product2/{made}").json()
    assert shown["CurrencyIsoCode"] == "USD"


def test_an_organisation_of_one_currency_has_no_currency_codes() -> None:
    with salesforce_world() as world:
        world.sign_in()
        assert "CurrencyIsoCode" not in _fields(world, "Opportunity")
        of_type = {"q": "SELECT IsoCode FROM CurrencyType"}
        assert world.refusal("GET", "/query", params=of_type)[:2] == (400, "INVALID_TYPE")
        of_account = {"q": "SELECT CurrencyIsoCode FROM Account"}
        assert world.refusal("GET", "/query", params=of_account)[:2] == (400, "INVALID_FIELD")


def test_what_is_never_deleted_has_no_mark_of_deletion(organisation: SalesforceWorld) -> None:
    for name in ("User", "RecordType", "ProcessInstanceStep", "CurrencyType", "Profile"):
        assert "IsDeleted" not in _fields(organisation, name)
    for name in ("Contract", "ProcessInstance", "OpportunityLineItemSchedule"):
        assert "IsDeleted" in _fields(organisation, name)


def test_objects_of_the_company_are_listed_with_the_standard_ones(
    organisation: SalesforceWorld,
) -> None:
    listed = organisation.call("GET", "/sobjects/").json()["sobjects"]
    names = {sobject["name"] for sobject in listed}
    assert {"Account", "Opportunity", "OpportunityHistory", "User", "Invoice__c"} <= names
    assert _fields(organisation, "Invoice__c")["Total__c"]["type"] == "double"


def test_a_field_appears_with_its_first_record(organisation: SalesforceWorld) -> None:
    assert "Late__c" not in _fields(organisation, "Contact")
    organisation.load("Contact", [{"Id": "003000000000001AAA", "Late__c": "x"}])
    assert "Late__c" in _fields(organisation, "Contact")


@pytest.mark.parametrize(
    ("id_15", "id_18"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),
        ("00D000000000001", "00D000000000001EAA"),
        ("006000000000000", "006000000000000AAA"),
    ],
)
def test_the_suffix_of_an_id_tells_its_capitals(id_15: str, id_18: str) -> None:
    assert normalised(id_15) == id_18


def test_describe_is_not_repeated_to_who_has_it(organisation: SalesforceWorld) -> None:
    path = "/sobjects/Product2/describe"
    known = organisation.call("GET", path).headers["Last-Modified"]
    organisation.advance(minutes=1)
    unchanged = organisation.call("GET", path, headers={"If-Modified-Since": known})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    organisation.load("Product2", [{"Id": "01t000000000001AAA", "Colour__c": "red"}])
    changed = organisation.call("GET", path, headers={"If-Modified-Since": known})
    assert changed.status_code == 200
    assert changed.headers["Last-Modified"] > known
    other = organisation.call(
        "GET", "/sobjects/User/describe", headers={"If-Modified-Since": known}
    )
    assert other.status_code == 304


def test_every_object_has_a_prefix_of_its_own(organisation: SalesforceWorld) -> None:
    listed = organisation.call("GET", "/sobjects").json()["sobjects"]
    prefixes = [sobject["keyPrefix"] for sobject in listed if not sobject["custom"]]
    assert len(prefixes) == len(set(prefixes))
    made = organisation.call(
        "POST",
        "/sobjects/CurrencyType",
        json={"IsoCode": "CHF", "ConversionRate": 0.95, "DecimalPlaces": 2},
    ).json()
    assert made["id"].startswith("01L")
