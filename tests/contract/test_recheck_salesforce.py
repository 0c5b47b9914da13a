"""Just before sending: what a decision rests on is read again from the sandbox and compared."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ContractBroken, RequestRejected, ServiceUnavailable
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.recheck import Recheck
from q2c_pipeline.ledger.target import Wanted
from tests.contract.salesforce_organisation import (
    STAMP,
    account,
    account_id,
    company,
    people,
    signed_in,
)

DEALS = 30
MANY = 201
FIRST_OF_MANY = 1_000


def deal_id(number: int) -> str:
    return f"006{number:012d}AAA"


def line_id(number: int) -> str:
    return f"00k{number:012d}AAA"


def schedule_id(number: int) -> str:
    return f"0OS{number:012d}AAA"


def approval_id(number: int) -> str:
    return f"04g{number:012d}AAA"


def rows(number: int) -> dict[str, list[dict[str, Any]]]:
    """What deal ``number`` rests on, as the vendor shows it."""
    return {
        "Opportunity": [
            {
                "Id": deal_id(number),
                "Amount": 1500.0,
                "AccountId": account_id(number),
                "Terms__c": None,
            }
        ],
        "OpportunityLineItem": [
            {"Id": line_id(number), "Quantity": 10.0, "UnitPrice": 150.0, "TotalPrice": 1500.0}
        ],
        "OpportunityLineItemSchedule": [
            {"Id": schedule_id(number), "Revenue": 1500.0, "ScheduleDate": "2026-03-15"}
        ],
        "Account": [{"Id": account_id(number), "Name": f"Account {number}", "BillingCity": "Reno"}],
        "ProcessInstance": [
            {
                "Id": approval_id(number),
                "Status": "Approved",
                "CompletedDate": "2026-03-01T10:00:00.000+0000",
            }
        ],
    }


def wish(number: int, evaluated: dict[str, Any] | None = None) -> Wanted:
    return Wanted(
        outbox_id="",
        system="quickbooks",
        entity="1",
        object="Invoice",
        operation="create",
        key=f"deal {number}",
        marker="",
        generation=1,
        payload="{}",
        payload_hash="",
        reason="",
        evaluated_at=datetime(2026, 3, 2, tzinfo=UTC),
        evaluated=json.dumps(rows(number) if evaluated is None else evaluated),
    )


def organisation(folder: Path) -> Path:
    numbers = [*range(DEALS), *range(FIRST_OF_MANY, FIRST_OF_MANY + MANY)]
    objects: dict[str, list[dict[str, Any]]] = {}
    for number in numbers:
        links = {
            "OpportunityLineItem": {"OpportunityId": deal_id(number)},
            "OpportunityLineItemSchedule": {
                "OpportunityLineItemId": line_id(number),
                "Type": "Revenue",
            },
            "ProcessInstance": {
                "TargetObjectId": deal_id(number),
                "CreatedDate": "2026-03-01T09:00:00.000+0000",
            },
        }
        for object, found in rows(number).items():
            whole = {"SystemModstamp": STAMP, "IsDeleted": False, **links.get(object, {})}
            objects.setdefault(object, []).extend({**whole, **row} for row in found)
    return company(folder, [account(9_999), *objects.pop("Account")], **objects)


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return serve_for_module(organisation(tmp_path_factory.mktemp("recheck") / "company"))


@pytest.fixture
def client(sandbox: Any) -> Iterator[SalesforceClient]:
    with signed_in(sandbox) as client:
        yield client


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(DEALS))


@pytest.fixture
def number(numbers: Iterator[int]) -> int:
    """A deal of the test's own."""
    return next(numbers)


Act = Callable[[Any, SalesforceClient, int], None]


def edited(object: str, record_id: Callable[[int], str], **fields: Any) -> Act:
    def act(sandbox: Any, client: SalesforceClient, number: int) -> None:
        people(sandbox, "edit_unstamped", object=object, id=record_id(number), fields=fields)

    return act


def deleted(object: str, record_id: Callable[[int], str]) -> Act:
    def act(sandbox: Any, client: SalesforceClient, number: int) -> None:
        path = f"{client.root}/sobjects/{object}/{record_id(number)}"
        client.api.delete(path, asked="a deletion")

    return act


def created(object: str, **fields: Any) -> Act:
    def act(sandbox: Any, client: SalesforceClient, number: int) -> None:
        body = {name: value(number) if callable(value) else value for name, value in fields.items()}
        path = f"{client.root}/sobjects/{object}"
        client.api.post_json(path, body, asked="a record", answer=dict[str, Any])

    return act


def test_what_still_stands_is_not_named(client: SalesforceClient, number: int) -> None:
    assert Recheck(client)([wish(number)]) == {}


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            edited("Opportunity", deal_id, Amount=1700),
            "Amount of Opportunity {deal} was 1,500.0 and is 1,700",
        ),
        (
            edited("Opportunity", deal_id, Terms__c="Net 60"),
            "Terms__c of Opportunity {deal} was empty and is Net 60",
        ),
        (
            edited("OpportunityLineItem", line_id, UnitPrice=149.99),
            "UnitPrice of OpportunityLineItem {line} was 150.0 and is 149.99",
        ),
        (
            edited("OpportunityLineItemSchedule", schedule_id, ScheduleDate="2026-04-15"),
            "ScheduleDate of OpportunityLineItemSchedule {schedule} was 2026-03-15 and is"
            " 2026-04-15",
        ),
        (
            edited("Account", account_id, BillingCity=None),
            "BillingCity of Account {account} was Reno and is empty",
        ),
        (
            edited("ProcessInstance", approval_id, Status="Removed"),
            "Status of ProcessInstance {approval} was Approved and is Removed",
        ),
        (deleted("Account", account_id), "Account {account} is not there any more"),
        (
            deleted("OpportunityLineItemSchedule", schedule_id),
            "OpportunityLineItemSchedule {schedule} is not there any more",
        ),
    ],
)
def test_a_change_is_told_in_plain_words(
    sandbox: Any, client: SalesforceClient, number: int, act: Act, told: str
) -> None:
    act(sandbox, client, number)

    expected = told.format(
        deal=deal_id(number),
        line=line_id(number),
        schedule=schedule_id(number),
        account=account_id(number),
        approval=approval_id(number),
    )
    assert Recheck(client)([wish(number)]) == {f"deal {number}": expected}


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            created("OpportunityLineItem", OpportunityId=deal_id, Quantity=1, UnitPrice=0),
            "OpportunityLineItem .* was added",
        ),
        (
            created(
                "OpportunityLineItemSchedule",
                OpportunityLineItemId=line_id,
                Type="Revenue",
                ScheduleDate="2026-05-01",
                Revenue=0,
            ),
            "OpportunityLineItemSchedule .* was added",
        ),
    ],
)
def test_what_was_added_to_a_deal_is_seen(
    sandbox: Any, client: SalesforceClient, number: int, act: Act, told: str
) -> None:
    act(sandbox, client, number)

    assert re.search(told, Recheck(client)([wish(number)])[f"deal {number}"])


def test_a_deleted_deal_takes_all_with_it_and_the_sentence_stays_short(
    sandbox: Any, client: SalesforceClient, number: int
) -> None:
    deleted("Opportunity", deal_id)(sandbox, client, number)

    told = Recheck(client)([wish(number)])[f"deal {number}"]

    assert told.startswith(f"Opportunity {deal_id(number)} is not there any more; ")
    assert told.endswith("; and 1 more")


def approve_again(sandbox: Any, number: int, other: int) -> None:
    """Another approval becomes this deal's, submitted later."""
    fields = {"TargetObjectId": deal_id(number), "CreatedDate": "2026-03-02T09:00:00.000+0000"}
    people(
        sandbox, "edit_unstamped", object="ProcessInstance", id=approval_id(other), fields=fields
    )


def test_a_newer_approval_voids_the_one_that_was_evaluated(
    sandbox: Any, client: SalesforceClient, numbers: Iterator[int]
) -> None:
    number, other = next(numbers), next(numbers)
    approve_again(sandbox, number, other)

    assert Recheck(client)([wish(number)]) == {
        f"deal {number}": f"ProcessInstance {approval_id(other)} was added"
    }


@pytest.mark.parametrize("names_all", [True, False])
def test_an_older_approval_may_be_named_or_left_out(
    sandbox: Any, client: SalesforceClient, numbers: Iterator[int], names_all: bool
) -> None:
    number, other = next(numbers), next(numbers)
    approve_again(sandbox, number, other)
    own, newest = (rows(each)["ProcessInstance"][0] for each in (number, other))
    named = [own, newest] if names_all else [newest]

    assert Recheck(client)([wish(number, {**rows(number), "ProcessInstance": named})]) == {}


def test_a_newer_stamp_alone_and_another_spelling_are_no_change(
    sandbox: Any, client: SalesforceClient, number: int
) -> None:
    sandbox.advance(60)
    client.api.patch_json_once(
        f"{client.root}/composite/sobjects",
        {
            "records": [
                {"attributes": {"type": "Opportunity"}, "Id": deal_id(number), "NextStep": "Bill"}
            ]
        },
        asked="another field",
        answer=list[dict[str, Any]],
    )
    evaluated = rows(number)
    evaluated["Opportunity"][0]["Amount"] = "1500.00"
    evaluated["ProcessInstance"][0]["CompletedDate"] = "2026-03-01T10:00:00.000Z"

    assert Recheck(client)([wish(number, evaluated)]) == {}


def test_many_deals_take_few_requests_and_none_hides_another(client: SalesforceClient) -> None:
    several = [wish(number) for number in range(FIRST_OF_MANY, FIRST_OF_MANY + MANY)]
    evaluated = rows(FIRST_OF_MANY + 133)
    evaluated["OpportunityLineItem"][0]["Quantity"] = 11.0
    several[133] = wish(FIRST_OF_MANY + 133, evaluated)
    calls_before = client.calls

    assert [*Recheck(client)(several)] == [several[133].key]
    assert client.calls - calls_before == 5 * 2


def test_what_cannot_be_asked_again_is_an_error_and_no_consent(client: SalesforceClient) -> None:
    with pytest.raises(ContractBroken, match="Invoice__c, which cannot be asked"):
        Recheck(client)([wish(0, {**rows(0), "Invoice__c": []})])


@pytest.mark.parametrize("evaluated", [None, "{}", '{"Account":[{}]}', "{"])
def test_without_a_word_on_what_it_rests_nothing_is_sent(
    client: SalesforceClient, evaluated: str | None
) -> None:
    with pytest.raises(ContractBroken, match="Invoice deal 0: what it rests on"):
        Recheck(client)([replace(wish(0), evaluated=evaluated)])


def test_a_field_that_is_hidden_by_now_is_an_error_and_no_consent(
    sandbox: Any, client: SalesforceClient, number: int
) -> None:
    grant = {"object": "Account", "field": "BillingCity"}
    people(sandbox, "grant_field", access="none", **grant)
    try:
        with pytest.raises(RequestRejected, match="BillingCity"):
            Recheck(client)([wish(number)])
    finally:
        people(sandbox, "grant_field", access="edit", **grant)


def test_a_read_that_fails_is_an_error_and_no_consent(sandbox: Any, number: int) -> None:
    with signed_in(sandbox, retry=RetryPolicy(attempts_max=1)) as client:
        plan = [{"kind": "503", "path": "*ProcessInstance*", "times": 1}]
        sandbox.post("/_sandbox/faults", json={"plan": plan})
        with pytest.raises(ServiceUnavailable):
            Recheck(client)([wish(number)])
        assert Recheck(client)([wish(number)]) == {}
