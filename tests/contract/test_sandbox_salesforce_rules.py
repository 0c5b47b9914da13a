"""What a company may set for its organisation: the cap on calls and the duplicate rule."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.salesforce.rules import read_rules
from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT = "001000000000001AAA", "001000000000002AAA"
SAVE = {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true; allowSave=true"}
COUNT = {"q": "SELECT COUNT() FROM Account"}
Organise = Callable[..., SalesforceWorld]


@pytest.fixture
def organise(tmp_path: Path) -> Iterator[Organise]:
    """A signed-in organisation of two accounts under these rules."""
    with ExitStack() as worlds:

        def start(**rules: Any) -> SalesforceWorld:
            facts = json.dumps({"name": "Small Company", "salesforce": rules})
            (tmp_path / "company.json").write_text(facts, encoding="utf-8")
            world = worlds.enter_context(salesforce_world(tmp_path))
            world.load("Account", [{"Id": ACME, "Name": "Acme"}, {"Id": BOLT, "Name": "Bolt"}])
            world.sign_in()
            return world

        yield start


def test_calls_beyond_the_cap_are_refused_until_the_window_frees_them(organise: Organise) -> None:
    organisation = organise(daily_api_requests=2)
    assert organisation.call("GET", "/query", params=COUNT).is_success
    organisation.advance(hours=1)
    assert organisation.call("GET", "/limits").json()["DailyApiRequests"] == {
        "Max": 2,
        "Remaining": 0,
    }
    refused = organisation.call("GET", "/query", params=COUNT)
    assert refused.status_code == 403
    assert refused.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
    organisation.advance(hours=23)
    organisation.sign_in()
    answered = organisation.call("GET", "/query", params=COUNT)
    assert answered.is_success
    assert answered.headers["Sforce-Limit-Info"] == "api-usage=2/2"
    assert organisation.call("GET", "/query", params=COUNT).status_code == 403


def test_query_jobs_count_against_their_own_limit(organise: Organise) -> None:
    organisation = organise()
    job = {"operation": "query", "query": "SELECT Id FROM Account"}
    organisation.call("POST", "/jobs/query", json=job)
    limits = organisation.call("GET", "/limits").json()
    assert limits["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 9_999}


def test_an_account_of_a_known_name_needs_a_word(organise: Organise) -> None:
    organisation = organise(duplicate_rules=True)
    twin = {"Name": "ACME"}
    refused = organisation.call("POST", "/sobjects/Account", json=twin)
    assert refused.status_code == 400
    (error,) = refused.json()
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    (match,) = error["duplicateResult"]["matchResults"][0]["matchRecords"]
    assert match["record"]["Id"] == ACME
    renamed = organisation.refusal("PATCH", f"/sobjects/Account/{BOLT}", json=twin)
    assert renamed[:2] == (400, "DUPLICATES_DETECTED")
    assert organisation.call("PATCH", f"/sobjects/Account/{ACME}", json=twin).is_success
    assert organisation.call("POST", "/sobjects/Account", json=twin, headers=SAVE).is_success


def test_items_of_a_collection_are_compared_with_each_other(organise: Organise) -> None:
    organisation = organise(duplicate_rules=True)
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("Cask", "cask")]
    results = organisation.call("POST", "/composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"


def test_without_the_rule_names_may_repeat(organise: Organise) -> None:
    assert organise().call("POST", "/sobjects/Account", json={"Name": "Acme"}).is_success


def test_a_wrong_rule_stops_the_start_with_its_mend(tmp_path: Path) -> None:
    path = tmp_path / "company.json"
    path.write_text('{"salesforce": {"daily_api_requests": "many"}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"company\.json: .*daily_api_requests"):
        read_rules(tmp_path)
