"""Intuit's OAuth as the sandbox plays it: rotation, expiry, revocation, the 401 of the gateway."""

from pathlib import Path

import pytest

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import QuickBooksClient, refresh, write_company

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def sandbox(tmp_path: Path, serve: Serve) -> ServedSandbox:
    return serve(write_company(tmp_path / "company", {}))


def test_a_refresh_gives_an_hour_of_access(sandbox: ServedSandbox) -> None:
    granted = refresh(sandbox, sandbox.settings["QBO_REFRESH_TOKEN"]).json()
    assert granted["token_type"] == "bearer"
    assert granted["expires_in"] == HOUR
    assert granted["x_refresh_token_expires_in"] == 8_726_400
    assert "x_refresh_token_hard_expires_in" not in granted
    client = QuickBooksClient.sign_in(sandbox)
    assert client.get("preferences").status_code == 200
    sandbox.advance(HOUR)
    expired = client.get("preferences")
    assert expired.status_code == 401
    assert expired.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    body = expired.json()
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert body["fault"]["error"][0]["code"] == "3200"
    assert isinstance(body["time"], int)


def test_the_refresh_token_changes_daily_and_its_predecessor_dies_a_day_later(
    sandbox: ServedSandbox,
) -> None:
    first = sandbox.settings["QBO_REFRESH_TOKEN"]
    assert refresh(sandbox, first).json()["refresh_token"] == first
    sandbox.advance(DAY)
    second = refresh(sandbox, first).json()["refresh_token"]
    assert second != first
    # A worker that lost the answer asks again with the old one and gets the same new one.
    assert refresh(sandbox, first).json()["refresh_token"] == second
    sandbox.advance(DAY)
    dead = refresh(sandbox, first)
    assert dead.status_code == 400
    assert dead.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }
    assert refresh(sandbox, second).status_code == 200


def test_an_unused_refresh_token_dies_after_its_lifetime(sandbox: ServedSandbox) -> None:
    sandbox.advance(101 * DAY)
    assert refresh(sandbox, sandbox.settings["QBO_REFRESH_TOKEN"]).status_code == 400


def test_the_hard_expiry_is_told_when_asked_for(sandbox: ServedSandbox) -> None:
    token = sandbox.settings["QBO_REFRESH_TOKEN"]
    asked = {"x-include-refresh-token-hard-expires-in": "true"}
    left = refresh(sandbox, token, asked).json()["x_refresh_token_hard_expires_in"]
    assert 0 <= 5 * 365 * DAY - left < 600


def test_a_wrong_client_secret_or_grant_is_refused(sandbox: ServedSandbox) -> None:
    token = sandbox.settings["QBO_REFRESH_TOKEN"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    path = "/oauth2/v1/tokens/bearer"
    stranger = sandbox.post(path, data=form, auth=("sandbox-quickbooks", "guess"))
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    assert sandbox.post(path, data=form).status_code == 401
    client = (sandbox.settings["QBO_CLIENT_ID"], sandbox.settings["QBO_CLIENT_SECRET"])
    other = sandbox.post(path, data={"grant_type": "password"}, auth=client)
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def test_revoking_ends_the_whole_grant(sandbox: ServedSandbox) -> None:
    client = QuickBooksClient.sign_in(sandbox)
    token = sandbox.settings["QBO_REFRESH_TOKEN"]
    credentials = (sandbox.settings["QBO_CLIENT_ID"], sandbox.settings["QBO_CLIENT_SECRET"])
    revoked = sandbox.post("/v2/oauth2/tokens/revoke", json={"token": token}, auth=credentials)
    assert revoked.status_code == 200
    assert refresh(sandbox, token).status_code == 400
    assert client.get("preferences").status_code == 401


def test_nothing_is_told_without_a_token(sandbox: ServedSandbox) -> None:
    path = f"/v3/company/{sandbox.settings['QBO_REALM_ID']}/preferences"
    assert sandbox.get(path).status_code == 401
    assert sandbox.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 401
