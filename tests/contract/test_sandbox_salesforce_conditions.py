"""Conditional requests of the emulated organisation: dates on rows, entity tags on accounts."""

from collections.abc import Iterator

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, DEAL = "001000000000001AAA", "006000000000001AAA"
ACCOUNT, OPPORTUNITY = f"/sobjects/Account/{ACME}", f"/sobjects/Opportunity/{DEAL}"
STAMP = "2026-03-01T10:00:00.000+0000"
AT, BEFORE = "Sun, 01 Mar 2026 10:00:00 GMT", "Sun, 01 Mar 2026 09:59:59 GMT"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load("Account", [{"Id": ACME, "Name": "Acme", "SystemModstamp": STAMP}])
        world.load("Opportunity", [{"Id": DEAL, "Name": "Deal", "SystemModstamp": STAMP}])
        world.sign_in()
        yield world


@pytest.mark.parametrize("path", [ACCOUNT, OPPORTUNITY])
def test_a_row_is_not_repeated_to_who_has_it(organisation: SalesforceWorld, path: str) -> None:
    assert organisation.call("GET", path).headers["Last-Modified"] == AT
    same = organisation.call("GET", path, headers={"If-Modified-Since": AT})
    assert (same.status_code, same.content) == (304, b"")
    older = organisation.call("GET", path, headers={"If-Modified-Since": BEFORE})
    assert older.status_code == 200


@pytest.mark.parametrize("path", [ACCOUNT, OPPORTUNITY])
def test_a_write_over_somebody_elses_change_is_refused(
    organisation: SalesforceWorld, path: str
) -> None:
    change = {"Name": "Mine"}
    refused = organisation.refusal(
        "PATCH", path, json=change, headers={"If-Unmodified-Since": BEFORE}
    )
    assert refused[:2] == (412, "PRECONDITION_FAILED")
    assert organisation.call("GET", path).json()["Name"] != "Mine"
    taken = organisation.call("PATCH", path, json=change, headers={"If-Unmodified-Since": AT})
    assert taken.status_code == 204


def test_only_accounts_have_entity_tags(organisation: SalesforceWorld) -> None:
    tag = organisation.call("GET", ACCOUNT).headers["ETag"]
    assert "ETag" not in organisation.call("GET", OPPORTUNITY).headers
    known = organisation.call("GET", ACCOUNT, headers={"If-None-Match": tag})
    assert (known.status_code, known.headers["ETag"]) == (304, tag)
    matched = {"If-Match": tag}
    assert organisation.call("PATCH", ACCOUNT, json={"Site": "A"}, headers=matched).is_success
    refused = organisation.refusal("PATCH", ACCOUNT, json={"Site": "B"}, headers=matched)
    assert refused[:2] == (412, "PRECONDITION_FAILED")
    stale = organisation.call("GET", ACCOUNT, headers={"If-None-Match": tag})
    assert stale.json()["Site"] == "A"
