"""Holds the session of one organisation: minted when first needed and again once it has ended.

Belongs here: the token endpoint and when it is asked. Does not belong here: any request for data.
"""

import threading
from dataclasses import dataclass
from typing import NamedTuple

import httpx
import msgspec

from q2c_pipeline.core.errors import ConfigurationError, ContractBroken
from q2c_pipeline.core.http import ApiClient
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.defs.crm.salesforce.faults import read_fault


class _TokenAnswer(msgspec.Struct):
    access_token: str
    instance_url: str
    id: str = ""


class _Started(NamedTuple):
    token: str
    instance_url: str
    organisation: str


@dataclass(frozen=True, kw_only=True)
class SalesforceAccess:
    """One organisation's address and app, as the environment gives them."""

    login_url: str
    client_id: str
    client_secret: str
    api_version: str
    daily_calls_percent: int = 80


class SalesforceCredentials:
    """The session of the app's own user; minted when first needed and again once it has ended."""

    def __init__(
        self,
        access: SalesforceAccess,
        *,
        retry: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._access = access
        self._session: _Started | None = None
        self._renewing = threading.Lock()
        self.endpoint = ApiClient(
            vendor=f"Salesforce sign-in at {access.login_url}",
            base_url=access.login_url,
            read_fault=read_fault,
            secrets=(access.client_secret,),
            retry=retry,
            transport=transport,
        )

    def session(self) -> _Started:
        with self._renewing:
            return self._session or self._start()

    def token(self) -> str:
        return self.session().token

    def renew(self, refused: str) -> str:
        with self._renewing:
            if self._session is not None and self._session.token != refused:
                return self._session.token
            return self._start().token

    def secrets(self) -> tuple[str, ...]:
        session = self._session
        return (self._access.client_secret, *((session.token,) if session else ()))

    def _start(self) -> _Started:
        answer = self.endpoint.post_form(
            "/services/oauth2/token",
            {"grant_type": "client_credentials"},
            asked="a session",
            answer=_TokenAnswer,
            auth=(self._access.client_id, self._access.client_secret),
        )
        login_url = self._access.login_url
        if not _is_of_one_domain(login_url, answer.instance_url):
            raise ConfigurationError(
                f"SALESFORCE_LOGIN_URL is {login_url}, and its sign-in points to"
                f" {self.endpoint.redacted(answer.instance_url)}, which is not of the same domain."
                " No token was sent there; check SALESFORCE_LOGIN_URL"
            )
        organisation = answer.id.rstrip("/").split("/")[-2] if answer.id.count("/") > 1 else ""
        if not organisation:
            raise ContractBroken(
                "Salesforce: asked for a session; the answer does not name the organisation"
            )
        self._session = _Started(answer.access_token, answer.instance_url, organisation)
        return self._session


def _is_of_one_domain(login_url: str, instance_url: str) -> bool:
    """A session belongs to the vendor that was asked: same host, or same registered domain."""
    try:
        login, instance = httpx.URL(login_url), httpx.URL(instance_url)
    except httpx.InvalidURL:
        return False
    is_kin = instance.host == login.host or (
        not login.host.replace(".", "").isdigit()
        and instance.host.split(".")[-2:] == login.host.split(".")[-2:]
    )
    return is_kin and instance.scheme == login.scheme
