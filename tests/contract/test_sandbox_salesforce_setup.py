"""What administrators set up in the emulated organisation, and what locks a record there."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.people import Refused, perform
from q2c_pipeline.sandbox.people.acts import GrantField, Hold
from q2c_pipeline.sandbox.salesforce.rules import read_rules
from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT = "001000000000001AAA", "001000000000002AAA"
DEAL, OPEN_DEAL = "006000000000001AAA", "006000000000002AAA"
STANDING = {"object": "Account", "name": "Standing__c", "type": "picklist", "values": ["good"]}
BALANCE = {"object": "Account", "name": "Balance__c", "type": "currency"}
Organise = Callable[..., SalesforceWorld]


@pytest.fixture
def organise(tmp_path: Path) -> Iterator[Organise]:
    """A signed-in organisation of two accounts and two deals, under these rules."""
    with ExitStack() as worlds:

        def start(**rules: Any) -> SalesforceWorld:
            facts = json.dumps({"salesforce": {"custom_fields": [STANDING, BALANCE], **rules}})
            (tmp_path / "company.json").write_text(facts, encoding="utf-8")
            world = worlds.enter_context(salesforce_world(tmp_path))
            world.load("Account", [{"Id": ACME, "Name": "Acme"}, {"Id": BOLT, "Name": "Bolt"}])
            world.load("Opportunity", [{"Id": DEAL}, {"Id": OPEN_DEAL}])
            world.sign_in()
            return world

        yield start


def described(organisation: SalesforceWorld) -> dict[str, dict[str, Any]]:
    fields = organisation.call("GET", "/sobjects/Account/describe").json()["fields"]
    return {field["name"]: field for field in fields}


def outcomes(organisation: SalesforceWorld, *records: dict[str, Any]) -> list[str]:
    """Per item of a collection ``ok`` or the code of its error."""
    typed = [{"attributes": {"type": kind(record["Id"])}, **record} for record in records]
    results = organisation.call("PATCH", "/composite/sobjects", json={"records": typed}).json()
    return ["ok" if r["success"] else r["errors"][0]["statusCode"] for r in results]


def kind(record_id: str) -> str:
    return "Account" if record_id.startswith("001") else "Opportunity"


def test_a_custom_field_is_there_before_any_record_holds_a_value(organise: Organise) -> None:
    organisation = organise()

    fields = described(organisation)

    assert (fields["Balance__c"]["type"], fields["Balance__c"]["updateable"]) == ("currency", True)
    assert fields["Standing__c"]["restrictedPicklist"] is True
    assert [value["value"] for value in fields["Standing__c"]["picklistValues"]] == ["good"]
    assert organisation.column("SELECT Balance__c FROM Account") == [None, None]


def test_a_restricted_picklist_takes_its_own_values(organise: Organise) -> None:
    organisation = organise()

    wrong = {"Id": ACME, "Standing__c": "bad"}, {"Id": BOLT, "Standing__c": "good"}
    assert outcomes(organisation, *wrong) == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "ok"]
    assert outcomes(organisation, {"Id": BOLT, "Standing__c": None}) == ["ok"]


def test_a_validation_rule_looks_at_the_whole_record(organise: Organise) -> None:
    rule = {"object": "Account", "field": "Name", "forbids": "^Acme$", "message": "Not Acme."}
    organisation = organise(validation_rules=[rule])

    other_field = {"Id": ACME, "Balance__c": 5}, {"Id": BOLT, "Balance__c": 5}
    assert outcomes(organisation, *other_field) == ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "ok"]
    refused = organisation.refusal("POST", "/sobjects/Account", json={"Name": "Acme"})
    assert refused == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not Acme.")
    assert outcomes(organisation, {"Id": ACME, "Name": "Acme & Co", "Balance__c": 5}) == ["ok"]


def test_a_duplicate_rule_looks_at_the_whole_record(organise: Organise) -> None:
    organisation = organise(duplicate_rules=True)
    organisation.load("Account", [{"Id": "001000000000003AAA", "Name": "Acme"}])

    assert outcomes(organisation, {"Id": ACME, "Balance__c": 5}) == ["DUPLICATES_DETECTED"]


def test_a_record_that_somebody_holds_cannot_be_changed_until_they_let_go(
    organise: Organise,
) -> None:
    organisation = organise()
    hold = Hold(system="salesforce", object="Account", id=ACME, seconds=30)
    perform(organisation.sandbox, hold)

    both = {"Id": ACME, "Balance__c": 5}, {"Id": BOLT, "Balance__c": 5}
    assert outcomes(organisation, *both) == ["UNABLE_TO_LOCK_ROW", "ok"]
    status, code, _ = organisation.refusal("DELETE", f"/sobjects/Account/{ACME}")
    assert (status, code) == (400, "UNABLE_TO_LOCK_ROW")
    organisation.advance(seconds=30)
    assert outcomes(organisation, *both) == ["ok", "ok"]


@pytest.mark.parametrize(
    ("status", "outcome"), [("Approved", "ENTITY_IS_LOCKED"), ("Removed", "ok")]
)
def test_an_approval_may_lock_its_deal(organise: Organise, status: str, outcome: str) -> None:
    organisation = organise(approval_locks_deals=True)
    approvals = [("04g000000000001AAA", "Rejected", 1), ("04g000000000002AAA", status, 2)]
    organisation.load(
        "ProcessInstance",
        [
            {
                "Id": approval_id,
                "TargetObjectId": DEAL,
                "Status": state,
                "CreatedDate": f"2026-03-0{day}T09:00:00.000+0000",
            }
            for approval_id, state, day in approvals
        ],
    )

    edits = {"Id": DEAL, "NextStep": "Bill"}, {"Id": OPEN_DEAL, "NextStep": "Bill"}
    assert outcomes(organisation, *edits) == [outcome, "ok"]


def test_a_field_can_be_read_only_for_the_integration_user_and_then_hidden(
    organise: Organise,
) -> None:
    organisation = organise()
    edit = {"Id": ACME, "Balance__c": 5}

    def grant(access: Any) -> None:
        act = GrantField(system="salesforce", object="account", field="balance__c", access=access)
        perform(organisation.sandbox, act)

    grant("read")
    assert described(organisation)["Balance__c"]["updateable"] is False
    assert outcomes(organisation, edit) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert organisation.column("SELECT Balance__c FROM Account") == [None, None]
    grant("none")
    assert "Balance__c" not in described(organisation)
    assert outcomes(organisation, edit) == ["INVALID_FIELD"]
    query = {"q": "SELECT Balance__c FROM Account"}
    assert organisation.refusal("GET", "/query", params=query)[1] == "INVALID_FIELD"
    grant("edit")
    assert outcomes(organisation, edit) == ["ok"]


def test_nobody_holds_or_hides_what_is_not_there(organise: Organise) -> None:
    sandbox = organise().sandbox
    hold = Hold(system="salesforce", object="Account", id="001000000000009AAA", seconds=1)
    grant = GrantField(system="salesforce", object="Account", field="Nope__c", access="none")

    for act in (hold, grant):
        with pytest.raises(Refused, match="There is no"):
            perform(sandbox, act)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"custom_fields": [{"object": "Account", "name": "Balance"}]}, "ends with __c"),
        (
            {"validation_rules": [{"object": "A", "field": "B", "forbids": "(", "message": ""}]},
            "no",
        ),
    ],
)
def test_a_wrong_setup_stops_the_start_with_its_mend(
    tmp_path: Path, rules: dict[str, Any], told: str
) -> None:
    (tmp_path / "company.json").write_text(json.dumps({"salesforce": rules}), encoding="utf-8")

    with pytest.raises(ConfigurationError, match=told):
        read_rules(tmp_path)
