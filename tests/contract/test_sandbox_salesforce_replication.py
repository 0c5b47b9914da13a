"""Deleted and updated ids, and the recycle bin, of the emulated organisation."""

from collections.abc import Iterator

import pytest

from tests.contract.salesforce_world import SalesforceWorld, salesforce_world

ACME, BOLT, CASK = "001000000000001AAA", "001000000000002AAA", "001000000000003AAA"
EVERYTHING = "SELECT Id FROM Account ORDER BY Id"


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        world.load(
            "Account",
            [
                {"Id": ACME, "SystemModstamp": "2026-03-01T10:00:00.000+0000"},
                {"Id": BOLT, "SystemModstamp": "2026-03-02T11:30:00.000+0000"},
                {"Id": CASK, "SystemModstamp": "2026-02-01T10:00:00.000+0000"},
            ],
        )
        world.sign_in()
        yield world


def _span(start: str, end: str) -> dict[str, str]:
    return {"start": f"2026-{start}:00+00:00", "end": f"2026-{end}:00+00:00"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_updated_tells_ids_and_how_far_it_looked(organisation: SalesforceWorld, slash: str) -> None:
    asked = _span("03-02T00:00", "03-02T11:45")
    answer = organisation.call("GET", f"/sobjects/Account/updated{slash}", params=asked)
    assert answer.json() == {"ids": [BOLT], "latestDateCovered": "2026-03-02T11:45:00.000+0000"}


def test_what_lies_ahead_is_not_covered(organisation: SalesforceWorld) -> None:
    asked = _span("03-02T00:00", "03-03T00:00")
    answer = organisation.call("GET", "/sobjects/Account/updated", params=asked)
    assert answer.json()["latestDateCovered"] == "2026-03-02T12:00:00.000+0000"


def test_deleted_tells_ids_with_their_moment(organisation: SalesforceWorld) -> None:
    organisation.advance(minutes=5)
    organisation.call("DELETE", f"/sobjects/Account/{ACME}")
    organisation.advance(minutes=5)
    asked = _span("03-02T12:00", "03-02T12:10")
    assert organisation.call("GET", "/sobjects/Account/deleted/", params=asked).json() == {
        "deletedRecords": [{"id": ACME, "deletedDate": "2026-03-02T12:05:00.000+0000"}],
        "earliestDateAvailable": "2026-02-15T12:10:00.000+0000",
        "latestDateCovered": "2026-03-02T12:10:00.000+0000",
    }
    assert organisation.call("GET", "/sobjects/Account/updated/", params=asked).json()["ids"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"start": "2026-03-01", "end": "2026-03-02"},
        _span("03-02T11:00", "03-02T11:00"),
        _span("01-01T00:00", "03-02T00:00"),
    ],
)
def test_a_span_that_cannot_be_answered_is_refused(
    organisation: SalesforceWorld, asked: dict[str, str]
) -> None:
    for resource in ("deleted", "updated"):
        refused = organisation.refusal("GET", f"/sobjects/Account/{resource}", params=asked)
        assert refused[:2] == (400, "INVALID_REPLICATION_DATE")


def test_users_are_not_replicated(organisation: SalesforceWorld) -> None:
    asked = _span("03-02T00:00", "03-02T11:45")
    refused = organisation.refusal("GET", "/sobjects/User/deleted", params=asked)
    assert refused[:2] == (400, "INVALID_TYPE")


def test_the_recycle_bin_is_emptied_after_fifteen_days(organisation: SalesforceWorld) -> None:
    organisation.call("DELETE", f"/sobjects/Account/{ACME}")
    organisation.advance(days=15, seconds=-1)
    organisation.sign_in()
    assert organisation.column(EVERYTHING, everything=True) == [ACME, BOLT, CASK]
    organisation.advance(minutes=1)
    assert organisation.column(EVERYTHING, everything=True) == [BOLT, CASK]
    assert organisation.refusal("DELETE", f"/sobjects/Account/{ACME}")[:2] == (404, "NOT_FOUND")
    made = organisation.call("POST", "/sobjects/Account", json={"Name": "New"}).json()["id"]
    assert organisation.column(EVERYTHING) == [BOLT, CASK, made]
