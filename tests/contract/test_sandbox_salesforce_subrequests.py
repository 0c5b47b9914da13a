"""Composite and batch requests of the emulated organisation."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.salesforce_world import VERSION_PATH, SalesforceWorld, salesforce_world

ACME = "001000000000001AAA"
DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load("Account", [{"Id": ACME, "Name": "Acme", "QBO_Customer_Id__c": "17"}])
        world.sign_in()
        yield world


def _part(reference: str, method: str, path: str, **body: Any) -> dict[str, Any]:
    part = {"method": method, "url": VERSION_PATH + path, "referenceId": reference}
    return part | ({"body": body} if body else {})


def _composite(
    world: SalesforceWorld, *parts: dict[str, Any], all_or_none: bool = False
) -> list[dict[str, Any]]:
    body = {"allOrNone": all_or_none, "compositeRequest": parts}
    answer = world.call("POST", "/composite", json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["compositeResponse"])


def _statuses(responses: list[dict[str, Any]]) -> list[int]:
    return [response["httpStatusCode"] for response in responses]


def test_a_part_may_name_what_an_earlier_one_answered(organisation: SalesforceWorld) -> None:
    account, deal, found, changed = _composite(
        organisation,
        _part("account", "POST", "/sobjects/Account", Name='Bolt "B"', AnnualRevenue=5.5),
        _part("deal", "POST", "/sobjects/Opportunity", AccountId="@{account.id}", **DEAL),
        _part(
            "found",
            "GET",
            "/query?q=SELECT+Id,Name,AnnualRevenue+FROM+Account+WHERE+Id='@{account.id}'",
        ),
        _part(
            "changed",
            "PATCH",
            "/sobjects/Opportunity/@{deal.id}",
            Description="for @{found.records[0].Name}",
            Amount="@{found.records[0].AnnualRevenue}",
        ),
    )
    made = account["body"]["id"]
    assert account["httpHeaders"] == {"Location": f"{VERSION_PATH}/sobjects/Account/{made}"}
    assert _statuses([account, deal, found, changed]) == [201, 201, 200, 204]
    assert changed["body"] is None
    path = f"/sobjects/Opportunity/{deal['body']['id']}"
    shown = organisation.call("GET", path).json()
    assert (shown["AccountId"], shown["Description"]) == (made, 'for Bolt "B"')
    assert shown["Amount"] == 5.5


def test_parts_fail_each_for_itself(organisation: SalesforceWorld) -> None:
    responses = _composite(
        organisation,
        _part("bad", "POST", "/sobjects/Account", Nope=1),
        _part("lost", "GET", "/sobjects/Account/@{bad.id}"),
        _part("good", "POST", "/sobjects/Account", Name="Cask"),
        _part("nested", "POST", "/composite", compositeRequest=[]),
    )
    assert _statuses(responses) == [400, 400, 201, 404]
    assert [response["referenceId"] for response in responses] == ["bad", "lost", "good", "nested"]
    assert responses[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert organisation.query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_all_or_none_undoes_every_part(organisation: SalesforceWorld) -> None:
    responses = _composite(
        organisation,
        _part("first", "POST", "/sobjects/Account", Name="Cask"),
        _part("bad", "PATCH", f"/sobjects/Account/{ACME}", Nope=1),
        _part("never", "DELETE", f"/sobjects/Account/{ACME}"),
        all_or_none=True,
    )
    assert _statuses(responses) == [400, 400, 400]
    codes = [response["body"][0]["errorCode"] for response in responses]
    assert codes == ["PROCESSING_HALTED", "INVALID_FIELD", "PROCESSING_HALTED"]
    assert organisation.column("SELECT Id FROM Account") == [ACME]


def test_a_collection_undone_within_all_or_none_leaves_the_rest(
    organisation: SalesforceWorld,
) -> None:
    records = [
        {"attributes": {"type": "Account"}, "Name": "Undone"},
        {"attributes": {"type": "Account"}, "Nope": 1},
    ]
    responses = _composite(
        organisation,
        _part("first", "POST", "/sobjects/Account", Name="Cask"),
        _part("many", "POST", "/composite/sobjects", allOrNone=True, records=records),
        all_or_none=True,
    )
    assert _statuses(responses) == [201, 200]
    assert organisation.column("SELECT Name FROM Account") == ["Acme", "Cask"]


def test_a_composite_counts_once_and_a_batch_by_its_parts(organisation: SalesforceWorld) -> None:
    get = _part("a", "GET", f"/sobjects/Account/{ACME}")
    body = {"compositeRequest": [get] * 3}
    one = organisation.call("POST", "/composite", json=body)
    assert one.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    parts = [{"method": "GET", "url": f"v66.0/sobjects/Account/{ACME}"}] * 3
    three = organisation.call("POST", "/composite/batch", json={"batchRequests": parts})
    assert three.headers["Sforce-Limit-Info"] == "api-usage=4/100000"


def test_too_many_parts_are_refused(organisation: SalesforceWorld) -> None:
    get = _part("a", "GET", f"/sobjects/Account/{ACME}")
    query = _part("q", "GET", "/query?q=SELECT+Id+FROM+Account")
    for parts in ([get] * 26, [query] * 6):
        body = {"compositeRequest": parts}
        refused = organisation.refusal("POST", "/composite", json=body)
        assert refused[:2] == (400, "LIMIT_EXCEEDED")


@pytest.mark.parametrize("url", ["", "x", "http://[", "/services/data", VERSION_PATH + "/nope"])
def test_a_part_that_leads_nowhere_is_not_found(organisation: SalesforceWorld, url: str) -> None:
    (lost,) = _composite(organisation, {"method": "GET", "url": url, "referenceId": "lost"})
    assert (lost["httpStatusCode"], lost["body"][0]["errorCode"]) == (404, "NOT_FOUND")


def test_a_method_nobody_knows_is_refused(organisation: SalesforceWorld) -> None:
    body = {"compositeRequest": [{"method": "FOO", "url": "/", "referenceId": "r"}]}
    refused = organisation.refusal("POST", "/composite", json=body)
    assert refused[:2] == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize(("halts", "last"), [(False, 204), (True, 412)])
def test_a_batch_goes_on_after_an_error_unless_told_to_halt(
    organisation: SalesforceWorld, halts: bool, last: int
) -> None:
    path = f"v66.0/sobjects/Account/{ACME}"
    parts = [
        {"method": "GET", "url": f"{path}?fields=Name"},
        {"method": "GET", "url": "v66.0/sobjects/Account/001000000000009AAA"},
        {"method": "PATCH", "url": path, "richInput": {"Name": "Acme & Co"}},
    ]
    body = {"haltOnError": halts, "batchRequests": parts}
    answer = organisation.call("POST", "/composite/batch", json=body).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == [200, 404, last]
    assert answer["results"][0]["result"]["Name"] == "Acme"
    is_renamed = organisation.column("SELECT Name FROM Account") == ["Acme & Co"]
    assert is_renamed is not halts
