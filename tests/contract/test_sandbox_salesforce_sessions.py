"""Sign-in, sessions, versions and the call count of the emulated organisation."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.salesforce_world import (
    CLIENT_ID,
    CLIENT_SECRET,
    VERSION_PATH,
    SalesforceWorld,
    salesforce_world,
)

COUNT = {"q": "SELECT COUNT() FROM Account"}


@pytest.fixture
def organisation() -> Iterator[SalesforceWorld]:
    with salesforce_world() as world:
        yield world


def test_credentials_in_the_form_or_as_basic_open_a_session(organisation: SalesforceWorld) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    by_form = organisation.http.post("/services/oauth2/token", data=form).json()
    by_header = organisation.sign_in()
    for token in (by_form, by_header):
        assert token["token_type"] == "Bearer"
        assert token["access_token"].startswith("00D000000000001!")
        assert httpx.URL(token["instance_url"]) == organisation.http.base_url
        assert token["issued_at"] == "1772452800000"
        assert "expires_in" not in token
    assert by_form["access_token"] != by_header["access_token"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "other"}, "invalid_client_id"),
        ({"grant_type": "password", "client_id": CLIENT_ID}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_sign_in_is_refused_with_an_object(
    organisation: SalesforceWorld, form: dict[str, str], error: str
) -> None:
    refused = organisation.http.post("/services/oauth2/token", data=form)
    assert refused.status_code == 400
    assert refused.json()["error"] == error
    assert refused.json()["error_description"]


def test_without_a_session_nothing_is_answered(organisation: SalesforceWorld) -> None:
    refused = organisation.call("GET", "/query", params=COUNT)
    assert refused.status_code == 401
    assert refused.json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_session_ends_after_two_idle_hours(organisation: SalesforceWorld) -> None:
    organisation.sign_in()
    organisation.advance(hours=2, seconds=-1)
    assert organisation.call("GET", "/query", params=COUNT).status_code == 200
    organisation.advance(hours=2)
    assert organisation.call("GET", "/query", params=COUNT).status_code == 401


def test_a_session_in_use_lives_on(organisation: SalesforceWorld) -> None:
    organisation.sign_in()
    for _ in range(5):
        organisation.advance(minutes=70)
        assert organisation.call("GET", "/query", params=COUNT).status_code == 200


def test_versions_are_listed_before_sign_in(organisation: SalesforceWorld) -> None:
    for path in ("/services/data", "/services/data/"):
        (version,) = organisation.http.get(path).json()
        assert version["version"] == "66.0"
        assert version["url"] == VERSION_PATH


def test_any_version_and_a_trailing_slash_are_answered(organisation: SalesforceWorld) -> None:
    organisation.sign_in()
    for path in ("/services/data/v61.0/query/", "/services/data/v67.0/query"):
        assert organisation.http.get(path, params=COUNT).json()["totalSize"] == 0
    resources = organisation.http.get("/services/data/v61.0/").json()
    assert resources["sobjects"] == "/services/data/v61.0/sobjects"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/services/data/v66.5/query", 404, "NOT_FOUND"),
        ("GET", VERSION_PATH + "/nothing/here", 404, "NOT_FOUND"),
        ("GET", VERSION_PATH + "/sobjects/Nope/describe", 404, "NOT_FOUND"),
        ("PUT", VERSION_PATH + "/query", 405, "METHOD_NOT_ALLOWED"),
        ("GET", VERSION_PATH + "/query?q=" + "x" * 16_384, 414, "URI_TOO_LONG"),
    ],
)
def test_a_wrong_path_or_method_is_refused(
    organisation: SalesforceWorld, method: str, path: str, status: int, code: str
) -> None:
    organisation.sign_in()
    refused = organisation.http.request(method, path)
    assert refused.status_code == status
    assert refused.json()[0]["errorCode"] == code


def test_each_call_counts_against_the_daily_limit(organisation: SalesforceWorld) -> None:
    organisation.sign_in()
    usage = [
        organisation.call("GET", "/query", params=query).headers["Sforce-Limit-Info"]
        for query in (COUNT, {"q": "nonsense"})
    ]
    assert usage == ["api-usage=1/100000", "api-usage=2/100000"]
    limits = organisation.call("GET", "/limits").json()
    assert limits["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_997}
