"""Records of the emulated organisation are created, changed and deleted as documented."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT = "001000000000001AAA", "001000000000002AAA"
NOON_STAMP, LATER_STAMP = "2026-03-02T12:00:00.000+0000", "2026-03-02T12:05:00.000+0000"
OLD_STAMP = "2026-01-01T00:00:00.000+0000"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with _two_accounts() as world:
        yield world


@pytest.fixture(scope="module")
def untouched() -> Iterator[SalesforceWorld]:
    """Shared by tests whose writes are all refused."""
    with _two_accounts() as world:
        yield world


@contextmanager
def _two_accounts() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load(
            "Account",
            [
                {
                    "Id": ACME,
                    "Name": "Acme",
                    "QBO_Customer_Id__c": "17",
                    "AR_Balance__c": 5,
                    "SystemModstamp": OLD_STAMP,
                },
                {"Id": BOLT, "Name": "Bolt", "SystemModstamp": OLD_STAMP},
            ],
        )
        world.sign_in()
        yield world


def _account(world: SalesforceWorld, record_id: str) -> dict[str, Any]:
    return dict(world.call("GET", f"/sobjects/Account/{record_id}").raise_for_status().json())


def _deal(world: SalesforceWorld, **fields: Any) -> str:
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01", **fields}
    created = world.call("POST", "/sobjects/Opportunity", json=deal)
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


def test_a_created_record_can_be_read_with_its_stamps(organisation: SalesforceWorld) -> None:
    created = organisation.call("POST", "/sobjects/Account/", json={"Name": "Cask"})
    assert created.status_code == 201
    record_id = created.json()["id"]
    assert created.json() == {"id": record_id, "success": True, "errors": []}
    assert record_id.startswith("001")
    assert len(record_id) == 18
    record = _account(organisation, record_id)
    assert (record["Name"], record["IsDeleted"], record["Phone"]) == ("Cask", False, None)
    for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        assert record[name] == NOON_STAMP


def test_the_same_requests_give_the_same_ids(organisation: SalesforceWorld) -> None:
    def first_ids(world: SalesforceWorld) -> list[str]:
        return [
            world.call("POST", "/sobjects/Account", json={"Name": name}).json()["id"]
            for name in ("One", "Two")
        ]

    with salesforce_world() as other:
        other.sign_in()
        ids = first_ids(organisation)
        assert ids == first_ids(other)
        assert ids[0] != ids[1]


def test_a_new_id_never_takes_over_a_record_of_the_company(organisation: SalesforceWorld) -> None:
    with salesforce_world() as other:
        other.sign_in()
        taken = other.call("POST", "/sobjects/Account", json={"Name": "One"}).json()["id"]
    organisation.load("Account", [{"Id": taken, "Name": "Recorded"}])
    created = organisation.call("POST", "/sobjects/Account", json={"Name": "New"}).json()["id"]
    assert created != taken
    assert _account(organisation, taken)["Name"] == "Recorded"


def test_an_update_changes_only_what_it_names_and_moves_the_stamps(
    organisation: SalesforceWorld,
) -> None:
    organisation.advance(minutes=5)
    body = b'{"AR_Balance__c": 1210.50}'
    answer = organisation.call("PATCH", "/sobjects/Account/001000000000001", content=body)
    assert (answer.status_code, answer.content) == (204, b"")
    text = organisation.call("GET", f"/sobjects/Account/{ACME}").text
    assert '"AR_Balance__c":1210.50' in text
    record = _account(organisation, ACME)
    assert (record["Name"], record["SystemModstamp"]) == ("Acme", LATER_STAMP)
    changed = "SELECT Id FROM Account WHERE SystemModstamp >= 2026-03-02T12:00:00Z"
    assert organisation.column(changed) == [ACME]


def test_a_deleted_record_is_gone_but_for_query_all(organisation: SalesforceWorld) -> None:
    organisation.advance(minutes=5)
    assert organisation.call("DELETE", f"/sobjects/Account/{ACME}").status_code == 204
    assert organisation.column("SELECT Id FROM Account") == [BOLT]
    soql = f"SELECT IsDeleted, SystemModstamp FROM Account WHERE Id = '{ACME}'"
    (row,) = organisation.query(soql, everything=True)["records"]
    assert (row["IsDeleted"], row["SystemModstamp"]) == (True, LATER_STAMP)
    path = f"/sobjects/Account/{ACME}"
    assert organisation.refusal("GET", path)[:2] == (404, "NOT_FOUND")
    assert organisation.refusal("DELETE", path)[:2] == (400, "ENTITY_IS_DELETED")
    refused = organisation.refusal("PATCH", path, json={"Name": "x"})
    assert refused[:2] == (400, "ENTITY_IS_DELETED")


def test_an_upsert_creates_once_and_then_updates(organisation: SalesforceWorld) -> None:
    path = "/sobjects/Account/QBO_Customer_Id__c/a%2Fb"
    created = organisation.call("PATCH", path, json={"Name": "Cask"})
    updated = organisation.call("PATCH", path, json={"Name": "Cask & Co"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    assert (updated.status_code, updated.json()["created"]) == (200, False)
    assert created.json()["id"] == updated.json()["id"]
    record = _account(organisation, created.json()["id"])
    assert (record["Name"], record["QBO_Customer_Id__c"]) == ("Cask & Co", "a/b")


def test_an_upsert_that_may_only_update_creates_nothing(organisation: SalesforceWorld) -> None:
    path = "/sobjects/Account/QBO_Customer_Id__c/99?updateOnly=true"
    assert organisation.refusal("PATCH", path, json={"Name": "x"})[:2] == (404, "NOT_FOUND")
    assert organisation.query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_an_external_id_on_two_records_is_answered_with_both(
    organisation: SalesforceWorld,
) -> None:
    organisation.call("PATCH", f"/sobjects/Account/{BOLT}", json={"QBO_Customer_Id__c": "17"})
    answer = organisation.call("PATCH", "/sobjects/Account/QBO_Customer_Id__c/17", json={})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v66.0/sobjects/Account/{i}" for i in (ACME, BOLT)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "message"),
    [
        ("POST", "Account", {"Phone": "1"}, 400, "REQUIRED_FIELD_MISSING", "missing: [Name]"),
        ("POST", "Account", {"Name": "x", "Nope": 1}, 400, "INVALID_FIELD", "'Nope' on sobject"),
        ("POST", "Account", {"Name": "x" * 256}, 400, "STRING_TOO_LONG", "(max length=255)"),
        (
            "POST",
            "Account",
            {"Name": "x", "SystemModstamp": NOON_STAMP},
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "SystemModstamp",
        ),
        ("POST", "Account", {"Name": "x", "OwnerId": "me"}, 400, "MALFORMED_ID", "me"),
        ("POST", "Account", {"Name": "x", "AnnualRevenue": "5"}, 400, "JSON_PARSER_ERROR", "5"),
        ("POST", "Account", [], 400, "JSON_PARSER_ERROR", "object"),
        ("PATCH", f"Account/{ACME}", {"Name": None}, 400, "REQUIRED_FIELD_MISSING", "[Name]"),
        ("PATCH", "Account/001000000000009AAA", {"Name": "x"}, 404, "NOT_FOUND", "not exist"),
        ("PATCH", "Account/nine", {"Name": "x"}, 400, "MALFORMED_ID", "nine"),
        ("PATCH", "Account/Phone/5", {"Name": "x"}, 404, "NOT_FOUND", "external ID field"),
        (
            "PATCH",
            "Account/QBO_Customer_Id__c/17",
            {"QBO_Customer_Id__c": "17"},
            400,
            "INVALID_FIELD",
            "should not be specified",
        ),
        ("GET", "Account/001000000000009AAA", None, 404, "NOT_FOUND", "not exist"),
    ],
)
def test_a_wrong_write_is_refused(
    untouched: SalesforceWorld,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
    message: str,
) -> None:
    refused = untouched.refusal(method, f"/sobjects/{path}", json=body)
    assert refused[:2] == (status, code)
    assert message in refused[2]
    assert untouched.query("SELECT COUNT() FROM Account")["totalSize"] == 2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"Name":"\xff"}', b'{"Name":"\\ud800"}', b'{"Name":{"a":1}}']
)
def test_a_body_that_is_no_record_is_refused(untouched: SalesforceWorld, body: bytes) -> None:
    refused = untouched.refusal("POST", "/sobjects/Account", content=body)
    assert refused[:2] == (400, "JSON_PARSER_ERROR")


def test_the_stage_decides_whether_a_deal_is_closed_and_won(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation, Amount=200)
    path = f"/sobjects/Opportunity/{deal_id}?fields=IsClosed,IsWon,Probability,ExpectedRevenue"
    states = []
    for stage in ("Negotiation/Review", "Closed Won", "Closed Lost"):
        organisation.call("PATCH", f"/sobjects/Opportunity/{deal_id}", json={"StageName": stage})
        row = organisation.call("GET", path).json()
        states.append([row[n] for n in ("IsClosed", "IsWon", "Probability", "ExpectedRevenue")])
    assert states == [[False, False, 90, 180], [True, True, 100, 200], [True, False, 0, 0]]


def test_history_is_written_when_a_watched_field_changes(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation, Amount=100)
    path = f"/sobjects/Opportunity/{deal_id}"
    organisation.advance(minutes=5)
    for change in ({"Amount": 100.00}, {"Name": "Same deal"}, {"Amount": 250.5}):
        organisation.call("PATCH", path, json=change)
    rows = organisation.query(
        "SELECT Amount, PrevAmount, StageName, CreatedDate FROM OpportunityHistory"
        f" WHERE OpportunityId = '{deal_id}' ORDER BY CreatedDate"
    )["records"]
    told = [(row["Amount"], row["PrevAmount"], row["CreatedDate"]) for row in rows]
    assert told == [(100, None, NOON_STAMP), (250.5, 100, LATER_STAMP)]


def test_line_items_make_the_amount_of_their_deal(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation, Amount=1)
    lines = [
        {"OpportunityId": deal_id, "Quantity": 3, "UnitPrice": 10.25, "Discount": 10},
        {"OpportunityId": deal_id, "Quantity": 2, "TotalPrice": 100},
    ]
    line_ids = [
        organisation.call("POST", "/sobjects/OpportunityLineItem", json=line).json()["id"]
        for line in lines
    ]
    prices = organisation.query("SELECT UnitPrice, TotalPrice FROM OpportunityLineItem")["records"]
    # 3 × 10.25 less 10 % is 27.675, in cents 27.68.
    assert [(row["UnitPrice"], row["TotalPrice"]) for row in prices] == [(10.25, 27.68), (50, 100)]
    amount = f"SELECT Amount FROM Opportunity WHERE Id = '{deal_id}'"
    assert organisation.column(amount) == [127.68]
    organisation.call("PATCH", f"/sobjects/Opportunity/{deal_id}", json={"Amount": 9})
    assert organisation.column(amount) == [127.68]
    organisation.call("DELETE", f"/sobjects/OpportunityLineItem/{line_ids[1]}")
    assert organisation.column(amount) == [27.68]
    organisation.call("DELETE", f"/sobjects/Opportunity/{deal_id}")
    assert organisation.column("SELECT Id FROM OpportunityLineItem") == []


def test_a_line_takes_its_product_over_from_the_price_book(organisation: SalesforceWorld) -> None:
    organisation.load(
        "Product2", [{"Id": "01t000000000001AAA", "Name": "Pump", "ProductCode": "P-1"}]
    )
    organisation.load(
        "PricebookEntry",
        [{"Id": "01u000000000001AAA", "Product2Id": "01t000000000001AAA", "UnitPrice": 12.5}],
    )
    line = {
        "OpportunityId": _deal(organisation),
        "PricebookEntryId": "01u000000000001AAA",
        "Quantity": 2,
        "UnitPrice": 10,
    }
    made = organisation.call("POST", "/sobjects/OpportunityLineItem", json=line).json()["id"]
    shown = organisation.call("GET", f"/sobjects/OpportunityLineItem/{made}").json()
    assert (shown["Product2Id"], shown["ProductCode"]) == ("01t000000000001AAA", "P-1")
    assert (shown["ListPrice"], shown["TotalPrice"]) == (12.5, 20)
    assert shown["Name"].endswith(" Pump")


def test_instalments_make_the_total_of_their_line_and_deal(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation)
    line = {"OpportunityId": deal_id, "Quantity": 2, "UnitPrice": 100}
    line_id = organisation.call("POST", "/sobjects/OpportunityLineItem", json=line).json()["id"]
    instalment = {"OpportunityLineItemId": line_id, "Type": "Revenue", "ScheduleDate": "2026-04-01"}
    ids = [
        organisation.call(
            "POST", "/sobjects/OpportunityLineItemSchedule", json={**instalment, "Revenue": revenue}
        ).json()["id"]
        for revenue in (120.5, 100)
    ]
    totals = "SELECT TotalPrice, UnitPrice, Opportunity.Amount FROM OpportunityLineItem"
    (row,) = organisation.query(totals)["records"]
    assert (row["TotalPrice"], row["UnitPrice"], row["Opportunity"]["Amount"]) == (
        220.5,
        110.25,
        220.5,
    )
    organisation.call("DELETE", f"/sobjects/OpportunityLineItemSchedule/{ids[0]}")
    assert organisation.column(totals) == [100]


def test_single_fields_of_a_deal_are_remembered(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation, Amount=100)
    change = {"Amount": 250, "Name": "Renamed", "CloseDate": "2026-09-01"}
    organisation.call("PATCH", f"/sobjects/Opportunity/{deal_id}", json=change)
    rows = organisation.query(
        "SELECT Field, OldValue, NewValue FROM OpportunityFieldHistory"
        f" WHERE OpportunityId = '{deal_id}'"
    )["records"]
    told = {row["Field"]: (row["OldValue"], row["NewValue"]) for row in rows}
    assert set(told) == {"created", "Amount", "CloseDate"}
    assert told["Amount"] == (100, 250)


def test_with_a_deal_goes_all_that_belongs_to_it(organisation: SalesforceWorld) -> None:
    deal_id = _deal(organisation)
    for price in (10, 20):
        line = {"OpportunityId": deal_id, "Quantity": 1, "UnitPrice": price}
        organisation.call("POST", "/sobjects/OpportunityLineItem", json=line)
    approval = {"Id": "04g000000000001AAA", "TargetObjectId": deal_id, "Status": "Approved"}
    organisation.load("ProcessInstance", [approval])
    step = {"Id": "04h000000000001AAA", "ProcessInstanceId": "04g000000000001AAA"}
    organisation.load("ProcessInstanceStep", [step])
    organisation.call("DELETE", f"/sobjects/Opportunity/{deal_id}")
    children = (
        "OpportunityLineItem",
        "OpportunityHistory",
        "OpportunityFieldHistory",
        "ProcessInstance",
        "ProcessInstanceStep",
    )
    for name in children:
        assert organisation.column(f"SELECT Id FROM {name}") == [], name
    kept = "SELECT Id FROM ProcessInstance"
    assert organisation.column(kept, everything=True) == ["04g000000000001AAA"]
    assert organisation.column("SELECT Id FROM ProcessInstanceStep", everything=True) == []


def test_a_contract_knows_its_number_state_and_last_day(organisation: SalesforceWorld) -> None:
    body = {"AccountId": "001000000000001AAA", "StartDate": "2026-01-31", "ContractTerm": 13}
    made = organisation.call("POST", "/sobjects/Contract", json=body).json()["id"]
    path = f"/sobjects/Contract/{made}"
    shown = organisation.call("GET", path).json()
    assert (shown["ContractNumber"], shown["Status"], shown["StatusCode"]) == (
        "00000001",
        "Draft",
        "Draft",
    )
    assert (shown["EndDate"], shown["ActivatedDate"]) == ("2027-02-27", None)
    organisation.call("PATCH", path, json={"Status": "Activated", "ContractTerm": 1})
    active = organisation.call("GET", path).json()
    assert (active["StatusCode"], active["EndDate"]) == ("Activated", "2026-02-27")
    assert active["ActivatedDate"] is not None
