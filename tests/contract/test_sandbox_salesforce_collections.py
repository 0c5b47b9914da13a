"""Collections of the emulated organisation: a result for each item, in request order."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

PATH = "/composite/sobjects"
ACME, BOLT = "001000000000001AAA", "001000000000002AAA"
ABSENT = "001000000000009AAA"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load(
            "Account",
            [
                {"Id": ACME, "Name": "Acme", "QBO_Customer_Id__c": "17"},
                {"Id": BOLT, "Name": "Bolt", "QBO_Customer_Id__c": None},
            ],
        )
        world.sign_in()
        yield world


def _account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def _outcomes(results: list[dict[str, Any]]) -> list[str]:
    """Per item ``ok`` or the code of its error."""
    return ["ok" if r["success"] else r["errors"][0]["statusCode"] for r in results]


def test_items_succeed_and_fail_each_for_itself(organisation: SalesforceWorld) -> None:
    records = [
        _account(id=ACME, Name="Acme & Co"),
        _account(id="001000000000008AAA", Name="x"),
        _account(id="nine", Name="x"),
        _account(Name="x"),
        _account(id=BOLT, Nope=1),
        {"attributes": {"type": "Nope"}, "id": ABSENT},
    ]
    answer = organisation.call("PATCH", PATH, json={"records": records})
    assert answer.status_code == 200
    assert _outcomes(answer.json()) == [
        "ok",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
        "INVALID_FIELD",
        "INVALID_TYPE",
    ]
    assert answer.json()[0] == {"id": ACME, "success": True, "errors": []}
    assert answer.json()[4]["errors"][0]["fields"] == ["Nope"]
    assert organisation.column("SELECT Name FROM Account") == ["Acme & Co", "Bolt"]


def test_all_or_none_rolls_back_the_innocent(organisation: SalesforceWorld) -> None:
    records = [_account(id=ACME, Name="x"), _account(id=ABSENT, Name="x")]
    body = {"allOrNone": True, "records": records}
    results = organisation.call("PATCH", PATH, json=body).json()
    assert _outcomes(results) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_CROSS_REFERENCE_KEY",
    ]
    assert organisation.column("SELECT Name FROM Account") == ["Acme", "Bolt"]


def test_a_rolled_back_insert_leaves_no_gap_in_the_ids(organisation: SalesforceWorld) -> None:
    body = {"allOrNone": True, "records": [_account(Name="x"), _account()]}
    organisation.call("POST", PATH, json=body)
    (rolled_back_then_made,) = organisation.call(
        "POST", PATH, json={"records": [_account(Name="y")]}
    ).json()
    with salesforce_world() as other:
        other.sign_in()
        created = other.call("POST", "/sobjects/Account", json={"Name": "y"}).json()
    assert rolled_back_then_made["id"] == created["id"]


def test_an_id_may_stand_in_a_list_once(organisation: SalesforceWorld) -> None:
    records = [_account(id=ACME, Name="x"), _account(id=ACME[:15], Name="y")]
    results = organisation.call("PATCH", PATH, json={"records": records}).json()
    assert _outcomes(results) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE"]
    assert organisation.column("SELECT Name FROM Account") == ["Acme", "Bolt"]


def test_upserts_tell_what_they_created(organisation: SalesforceWorld) -> None:
    records = [
        _account(QBO_Customer_Id__c="17", Name="Acme & Co"),
        _account(QBO_Customer_Id__c="18", Name="Cask"),
        _account(Name="keyless"),
    ]
    path = f"{PATH}/Account/QBO_Customer_Id__c"
    results = organisation.call("PATCH", path, json={"records": records}).json()
    assert _outcomes(results) == ["ok", "ok", "MISSING_ARGUMENT"]
    assert [result["created"] for result in results] == [False, True, False]
    assert organisation.column("SELECT Name FROM Account") == ["Acme & Co", "Bolt", "Cask"]


def test_many_are_deleted_at_once(organisation: SalesforceWorld) -> None:
    params = {"ids": f"{ACME},{ABSENT}", "allOrNone": "false"}
    results = organisation.call("DELETE", PATH, params=params).json()
    assert _outcomes(results) == ["ok", "INVALID_CROSS_REFERENCE_KEY"]
    assert organisation.column("SELECT Name FROM Account") == ["Bolt"]


def test_many_are_read_in_order_with_null_for_the_absent(organisation: SalesforceWorld) -> None:
    body = {"ids": [BOLT, ABSENT, ACME], "fields": ["Name"]}
    rows = organisation.call("POST", f"{PATH}/Account", json=body).json()
    assert [row and (row["Id"], row["Name"]) for row in rows] == [
        (BOLT, "Bolt"),
        None,
        (ACME, "Acme"),
    ]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([_account(Name="x")] * 201, "EXCEEDED_ID_LIMIT"),
        (
            [{"attributes": {"type": kind}} for kind in ("Account", "Contact") * 6],
            "LIMIT_EXCEEDED",
        ),
        ([5], "JSON_PARSER_ERROR"),
    ],
)
def test_a_list_beyond_its_bounds_is_refused_whole(
    organisation: SalesforceWorld, records: list[Any], code: str
) -> None:
    refused = organisation.refusal("POST", PATH, json={"records": records})
    assert refused[:2] == (400, code)
    assert organisation.query("SELECT COUNT() FROM Account")["totalSize"] == 2
