"""Intuit's own OAuth client signs in to the sandbox, pointed at its discovery document."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.foreign.quickbooks_company import sign_in, write_foreign_company

DAY_SECONDS = 86_400


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    return serve_for_module(write_foreign_company(tmp_path_factory.mktemp("foreign")))


@pytest.fixture
def auth(sandbox: ServedSandbox) -> Iterator[AuthClient]:
    """A client with a grant of its own, so that no test revokes or rotates another's."""
    with sign_in(sandbox) as client:
        told = consent(client)
        client.get_bearer_token(told["code"], realm_id=told["realmId"])
        yield client


def consent(auth: AuthClient) -> dict[str, str]:
    """What the vendor's page tells the app once somebody has agreed there."""
    address = auth.get_authorization_url([Scopes.ACCOUNTING], state_token="a-state")
    sent_to = httpx.get(address, timeout=30).headers["Location"]
    assert sent_to.startswith(auth.redirect_uri)
    return dict(parse_qsl(urlsplit(sent_to).query))


def opens(auth: AuthClient, sandbox: ServedSandbox) -> int:
    """The status with which the client's access token opens the company."""
    answer = sandbox.get(
        f"/v3/company/{auth.realm_id}/preferences",
        headers={"Authorization": f"Bearer {auth.access_token}"},
    )
    return answer.status_code


def test_it_finds_the_addresses_in_the_discovery_document(
    auth: AuthClient, sandbox: ServedSandbox
) -> None:
    assert auth.token_endpoint == sandbox.settings["QBO_TOKEN_URL"]
    assert auth.revoke_endpoint == f"{sandbox.url}/v2/oauth2/tokens/revoke"


def test_it_starts_from_a_refresh_token(sandbox: ServedSandbox) -> None:
    with sign_in(sandbox) as auth:
        auth.refresh()
        assert opens(auth, sandbox) == 200


def test_it_connects_a_company_with_a_code_once(auth: AuthClient, sandbox: ServedSandbox) -> None:
    told = consent(auth)
    assert told["state"] == "a-state"
    auth.get_bearer_token(told["code"], realm_id=told["realmId"])
    assert opens(auth, sandbox) == 200
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth.get_bearer_token(told["code"])


def test_it_refreshes(auth: AuthClient, sandbox: ServedSandbox) -> None:
    auth.refresh()
    assert auth.expires_in == 3600
    assert auth.x_refresh_token_expires_in > 100 * DAY_SECONDS
    assert opens(auth, sandbox) == 200


def test_its_access_token_expires_and_a_refresh_gives_another(
    auth: AuthClient, sandbox: ServedSandbox
) -> None:
    auth.refresh()
    sandbox.advance(3601)
    assert opens(auth, sandbox) == 401
    auth.refresh()
    assert opens(auth, sandbox) == 200


def test_it_takes_on_the_rotated_refresh_token(auth: AuthClient, sandbox: ServedSandbox) -> None:
    first = auth.refresh_token
    sandbox.advance(DAY_SECONDS + 60)
    auth.refresh()
    assert auth.refresh_token != first
    sandbox.advance(DAY_SECONDS + 60)
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth.refresh(first)
    auth.refresh()
    assert opens(auth, sandbox) == 200


def test_it_revokes(auth: AuthClient, sandbox: ServedSandbox) -> None:
    auth.refresh()
    assert auth.revoke() is True
    assert opens(auth, sandbox) == 401
    with pytest.raises(AuthClientError, match="invalid_grant"):
        auth.refresh()


def test_a_wrong_secret_is_refused(auth: AuthClient) -> None:
    auth.client_secret = "guess"
    with pytest.raises(AuthClientError, match="invalid_client"):
        auth.refresh()


def test_user_information_is_not_told(auth: AuthClient) -> None:
    """A known difference: the sandbox knows realms, not people."""
    auth.refresh()
    with pytest.raises(AuthClientError):
        auth.get_user_info()
