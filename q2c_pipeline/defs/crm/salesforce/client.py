"""Signs in to Salesforce and reads from it.

Belongs here: paths, the shape of answers and errors, the access token. Does not belong here: what
to read when, which is ``extract.py``, and any request that writes to the CRM.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

import httpx
import msgspec

from q2c_pipeline.core.errors import (
    ConfigurationError,
    ContractBroken,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
)
from q2c_pipeline.core.http import ApiClient, RetryPolicy, VendorFault
from q2c_pipeline.core.pacing import Pacer

REQUESTS_PER_SECOND = 20.0
REQUESTS_PER_MINUTE = 600
REQUESTS_IN_FLIGHT_MAX = 4
QUERY_ATTEMPTS_MAX = 2

_MENDS: Mapping[str, tuple[type[Q2CError], str]] = {
    "REQUEST_LIMIT_EXCEEDED": (
        NotAuthorised,
        "The organisation's daily API calls are used up: run again when the window frees them",
    ),
    "UNABLE_TO_LOCK_ROW": (ServiceUnavailable, "Somebody else holds the record: run again"),
    "SERVER_UNAVAILABLE": (ServiceUnavailable, "The service is failing: run again later"),
    "QUERY_TIMEOUT": (ServiceUnavailable, "The query took too long: run again at a quieter hour"),
    "INVALID_SESSION_ID": (NotAuthorised, "Check that the connected app's user is still active"),
    "INVALID_FIELD": (
        RequestRejected,
        "A field went away while it was being read: give the integration user access, run again",
    ),
    "INVALID_TYPE": (RequestRejected, "Give the integration user read access to the object"),
    "invalid_client": (
        NotAuthorised,
        "Check SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET",
    ),
    "invalid_client_id": (NotAuthorised, "Check SALESFORCE_CLIENT_ID"),
    "invalid_grant": (
        NotAuthorised,
        "Enable the client credentials flow, give it a user, and set SALESFORCE_LOGIN_URL to the"
        " organisation's own domain",
    ),
}


class _Refused(msgspec.Struct):
    message: str = ""
    errorCode: str | None = None
    fields: list[str] = []


class _SignInRefused(msgspec.Struct):
    error: str
    error_description: str = ""


class _TokenAnswer(msgspec.Struct):
    access_token: str
    instance_url: str
    id: str = ""


class _QueryAnswer(msgspec.Struct):
    done: bool
    records: list[msgspec.Raw]
    nextRecordsUrl: str | None = None


class _Field(msgspec.Struct):
    name: str


class _Describe(msgspec.Struct):
    fields: list[_Field]


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
        _refuse_foreign_host(self._access.login_url, answer.instance_url)
        organisation = answer.id.rstrip("/").split("/")[-2] if answer.id.count("/") > 1 else ""
        if not organisation:
            raise ContractBroken(
                "Salesforce: asked for a session; the answer does not name the organisation"
            )
        self._session = _Started(answer.access_token, answer.instance_url, organisation)
        return self._session


class SalesforceClient:
    """Reads one organisation; signs in when it is made."""

    def __init__(
        self,
        access: SalesforceAccess,
        *,
        retry: RetryPolicy | None = None,
        pacer: Pacer | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._root = f"/services/data/v{access.api_version}"
        self._credentials = SalesforceCredentials(access, retry=retry, transport=transport)
        session = self._credentials.session()
        self.organisation = session.organisation
        self.api = ApiClient(
            vendor=f"Salesforce organisation {session.organisation}",
            base_url=session.instance_url,
            read_fault=read_fault,
            credentials=self._credentials,
            pacer=pacer
            or Pacer(
                per_second=REQUESTS_PER_SECOND,
                per_minute=REQUESTS_PER_MINUTE,
                in_flight=REQUESTS_IN_FLIGHT_MAX,
            ),
            retry=retry,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._credentials.endpoint.close()
        self.api.close()

    @property
    def calls(self) -> int:
        """Requests sent, sign-ins included."""
        return self.api.calls + self._credentials.endpoint.calls

    def vendor_now(self) -> datetime:
        """The vendor's clock as last seen, at the sign-in at the earliest."""
        now = self.api.vendor_now or self._credentials.endpoint.vendor_now
        if now is None:
            raise ContractBroken("Salesforce sends no Date header, so its clock is unknown")
        return now

    def fields(self, object: str) -> frozenset[str]:
        """The fields that the integration user may see."""
        found = self.api.get(
            f"{self._root}/sobjects/{object}/describe",
            asked=f"the fields of {object}",
            answer=_Describe,
        )
        return frozenset(field.name for field in found.fields)

    def query_all(self, soql: str, *, asked: str) -> Iterator[list[msgspec.Raw]]:
        """Pages of rows, those in the recycle bin included; a lost cursor starts over once."""
        for attempt in range(1, QUERY_ATTEMPTS_MAX + 1):
            try:
                yield from self._pages(soql, asked)
                return
            except RequestRejected as error:
                if error.code != "INVALID_QUERY_LOCATOR" or attempt == QUERY_ATTEMPTS_MAX:
                    raise

    def _pages(self, soql: str, asked: str) -> Iterator[list[msgspec.Raw]]:
        page = self.api.get(
            f"{self._root}/queryAll", params={"q": soql}, asked=asked, answer=_QueryAnswer
        )
        yield page.records
        while not page.done:
            if page.nextRecordsUrl is None:
                raise ContractBroken(
                    f"Salesforce: asked for {asked}; a page is not the last and names no next one"
                )
            page = self.api.get(page.nextRecordsUrl, asked=f"more {asked}", answer=_QueryAnswer)
            yield page.records


def read_fault(response: httpx.Response) -> VendorFault | None:
    """The first error of an error body in either of its shapes; None if it is neither."""
    try:
        errors = msgspec.json.decode(response.content, type=list[_Refused] | _SignInRefused)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if isinstance(errors, _SignInRefused):
        code, text, field = errors.error, errors.error_description, None
    elif errors and errors[0].errorCode:
        code, text, field = errors[0].errorCode, errors[0].message, ", ".join(errors[0].fields)
    else:
        return None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return VendorFault(code, text, error=RateLimited)
    error, mend = _MENDS.get(code, (None, None))
    return VendorFault(code, text, field or None, error, mend)


def _refuse_foreign_host(login_url: str, instance_url: str) -> None:
    """A session belongs to the vendor that was asked: same host, or same registered domain."""
    login, instance = httpx.URL(login_url), httpx.URL(instance_url)
    is_kin = instance.host == login.host or (
        not login.host.replace(".", "").isdigit()
        and instance.host.split(".")[-2:] == login.host.split(".")[-2:]
    )
    if not is_kin or instance.scheme != login.scheme:
        raise ConfigurationError(
            f"SALESFORCE_LOGIN_URL is {login_url}, and its sign-in points to {instance_url}, which"
            " is not of the same domain. No token was sent there; check SALESFORCE_LOGIN_URL"
        )
