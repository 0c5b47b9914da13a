"""Signs in to QuickBooks Online and reads from it.

Belongs here: paths, query text, the shape of answers and faults, the refresh of tokens. Does not
belong here: what to read when, which is ``extract.py``, and any request that writes to the books.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self

import httpx
import msgspec

from q2c_pipeline.core.errors import (
    ContractBroken,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RecordNotFound,
)
from q2c_pipeline.core.http import ApiClient, RetryPolicy, VendorFault
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.tokens import Tokens, TokenStore
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    SYSTEM,
    QuickBooksObject,
    ReportSpec,
)

MINOR_VERSION = "75"
PAGE_ROWS_MAX = 1000
CAPTURED_CHANGES_MAX = 1000
REQUESTS_PER_SECOND = 9.0
"""One below the vendor's ten, for its clock and ours are not in step."""
REQUESTS_PER_MINUTE = 480
REQUESTS_IN_FLIGHT_MAX = 8
EXPIRY_MARGIN = timedelta(minutes=5)

_MENDS: Mapping[str, tuple[type[Q2CError], str]] = {
    "120": (NotAuthorised, "Have an administrator of the company connect it again"),
    "3001": (RateLimited, "Let other programs that use this connection rest, then run again"),
    "003001": (RateLimited, "Let other programs that use this connection rest, then run again"),
    "3100": (
        NotAuthorised,
        "Check that QBO_REALM_ID belongs to these keys and QBO_BASE_URL to their environment",
    ),
    "6190": (NotAuthorised, "The company's subscription has ended: renew it in QuickBooks"),
    "610": (RecordNotFound, "The record was deleted or made inactive"),
    "invalid_grant": (
        NotAuthorised,
        "The connection has ended: authorise the company again and put the new refresh token into"
        " QBO_REFRESH_TOKEN",
    ),
    "invalid_client": (NotAuthorised, "Check QBO_CLIENT_ID and QBO_CLIENT_SECRET"),
}


class _Error(msgspec.Struct):
    Message: str = ""
    Detail: str = ""
    code: str | int | None = None
    element: str | None = None


class _GatewayError(msgspec.Struct):
    message: str = ""
    detail: str = ""
    code: str | int | None = None


class _Errors(msgspec.Struct):
    Error: list[_Error]


class _GatewayErrors(msgspec.Struct):
    error: list[_GatewayError]


class _FaultBody(msgspec.Struct):
    Fault: _Errors | None = None
    fault: _GatewayErrors | None = None
    error: str | None = None
    error_description: str | None = None


class _QueryAnswer(msgspec.Struct):
    QueryResponse: dict[str, msgspec.Raw]
    time: datetime | None = None


class _Capture(msgspec.Struct):
    QueryResponse: list[dict[str, msgspec.Raw]]


class _CaptureAnswer(msgspec.Struct):
    CDCResponse: list[_Capture]
    time: datetime | None = None


class _ReportHeader(msgspec.Struct):
    ReportName: str


class _ReportFrame(msgspec.Struct):
    Header: _ReportHeader
    Rows: msgspec.Raw


class _TokenAnswer(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int = 3600


class Page(NamedTuple):
    """Rows as the vendor's text, and the vendor's time when the request came in."""

    rows: list[msgspec.Raw]
    asked_at: datetime


class Changes(NamedTuple):
    """Changed rows by vendor name, deleted stubs included; ``is_capped``: there may be more."""

    rows: dict[str, list[msgspec.Raw]]
    asked_at: datetime
    is_capped: bool


@dataclass(frozen=True, kw_only=True)
class QuickBooksAccess:
    """One realm's address and grant, as the environment gives them."""

    base_url: str
    token_url: str
    realm: str
    client_id: str
    client_secret: str
    refresh_token: str


class QuickBooksCredentials:
    """The realm's access token, refreshed by one at a time and kept before it is used."""

    def __init__(
        self,
        access: QuickBooksAccess,
        store: TokenStore,
        *,
        now: Callable[[], datetime],
        retry: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._access = access
        self._store = store
        self._name = f"{SYSTEM}-{access.realm}"
        self._now = now
        self._tokens: Tokens | None = None
        self._renewing = threading.Lock()
        self._endpoint = ApiClient(
            vendor=f"QuickBooks sign-in for realm {access.realm}",
            base_url=str(httpx.URL(access.token_url).join("/")),
            read_fault=read_fault,
            secrets=(access.client_secret, access.refresh_token),
            retry=retry,
            transport=transport,
        )

    @property
    def calls(self) -> int:
        return self._endpoint.calls

    def close(self) -> None:
        self._endpoint.close()

    def secrets(self) -> tuple[str, ...]:
        current = self._tokens
        known = (current.access_token, current.refresh_token) if current else ()
        return tuple(
            secret
            for secret in (self._access.client_secret, self._access.refresh_token, *known)
            if secret
        )

    def token(self) -> str:
        with self._renewing:
            if self._tokens is None:
                self._tokens = self._stored()
            if self._tokens.access_token is None or not self._is_fresh(self._tokens):
                return self._refresh(self._tokens.access_token)
            return self._tokens.access_token

    def renew(self, refused: str) -> str:
        with self._renewing:
            current = self._tokens.access_token if self._tokens else None
            if current is not None and current != refused:
                return current
            return self._refresh(refused)

    def _is_fresh(self, tokens: Tokens) -> bool:
        return tokens.expires_at is not None and self._now() < tokens.expires_at - EXPIRY_MARGIN

    def _stored(self) -> Tokens:
        return self._store.read(self._name, start=self._access.refresh_token)

    def _refresh(self, refused: str | None) -> str:
        with self._store.lock(self._name):
            stored = self._stored()
            self._tokens = stored
            current = stored.access_token
            if current is not None and current != refused and self._is_fresh(stored):
                return current
            try:
                answer = self._ask(stored.refresh_token)
            except NotAuthorised:
                again = self._stored()
                if again.refresh_token == stored.refresh_token:
                    raise
                answer = self._ask(again.refresh_token)
            tokens = Tokens(
                refresh_token=answer.refresh_token,
                access_token=answer.access_token,
                expires_at=self._now() + timedelta(seconds=answer.expires_in),
            )
            self._store.write(self._name, tokens, start=self._access.refresh_token)
            self._tokens = tokens
            return answer.access_token

    def _ask(self, refresh_token: str) -> _TokenAnswer:
        return self._endpoint.post_form(
            httpx.URL(self._access.token_url).path,
            {"grant_type": "refresh_token", "refresh_token": refresh_token},
            asked="a new access token",
            answer=_TokenAnswer,
            auth=(self._access.client_id, self._access.client_secret),
        )


class QuickBooksClient:
    """Reads one realm. ``now`` is this machine's clock, used only to judge a stored token's age."""

    def __init__(
        self,
        access: QuickBooksAccess,
        tokens: TokenStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry: RetryPolicy | None = None,
        pacer: Pacer | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.realm = access.realm
        self.credentials = QuickBooksCredentials(
            access, tokens, now=now, retry=retry, transport=transport
        )
        self.api = ApiClient(
            vendor=f"QuickBooks realm {access.realm}",
            base_url=access.base_url,
            read_fault=read_fault,
            credentials=self.credentials,
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
        self.credentials.close()
        self.api.close()

    @property
    def calls(self) -> int:
        """Requests sent, sign-ins included."""
        return self.api.calls + self.credentials.calls

    @property
    def metered_reads(self) -> int:
        return self.api.metered_reads

    def page(
        self, spec: QuickBooksObject, *, start: int, changed_since: datetime | None = None
    ) -> Page:
        """Up to ``PAGE_ROWS_MAX`` rows in the order of their Ids; the first row is number 1."""
        statement = (
            f"SELECT * FROM {spec.vendor_name}{_where(spec, changed_since)}"
            f" ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE_ROWS_MAX}"
        )
        found = self._query(statement, f"{spec.vendor_name} rows from {start}")
        rows = found.QueryResponse.get(spec.vendor_name)
        return Page(_rows(rows) if rows is not None else [], self._asked_at(found.time))

    def count(self, spec: QuickBooksObject, *, changed_since: datetime | None = None) -> int:
        statement = f"SELECT COUNT(*) FROM {spec.vendor_name}{_where(spec, changed_since)}"
        found = self._query(statement, f"the number of {spec.vendor_name} rows")
        total = found.QueryResponse.get("totalCount")
        if total is None:
            raise ContractBroken(
                f"QuickBooks realm {self.realm}: asked for the number of {spec.vendor_name} rows;"
                " the answer has no totalCount. Nothing was taken from it"
            )
        return msgspec.json.decode(total, type=int)

    def changes(self, specs: Sequence[QuickBooksObject], *, changed_since: datetime) -> Changes:
        """What changed since then, deletions included, at most ``CAPTURED_CHANGES_MAX`` rows."""
        names = ",".join(spec.vendor_name for spec in specs)
        found = self.api.get(
            f"/v3/company/{self.realm}/cdc",
            params={
                "entities": names,
                "changedSince": _moment(changed_since),
                "minorversion": MINOR_VERSION,
            },
            asked=f"changes of {names} since {_moment(changed_since)}",
            answer=_CaptureAnswer,
        )
        rows: dict[str, list[msgspec.Raw]] = {spec.vendor_name: [] for spec in specs}
        for capture in found.CDCResponse:
            for part in capture.QueryResponse:
                if "Fault" in part:
                    raise ContractBroken(
                        self.api.redacted(
                            f"QuickBooks realm {self.realm}: a part of the changes of {names} is a"
                            f" fault: {bytes(part['Fault']).decode(errors='replace')[:400]}"
                        )
                    )
                for name in part.keys() & rows.keys():
                    rows[name].extend(_rows(part[name]))
        is_capped = sum(map(len, rows.values())) >= CAPTURED_CHANGES_MAX
        return Changes(rows, self._asked_at(found.time), is_capped)

    def setting(self, spec: QuickBooksObject) -> Page:
        """The one record of a kind that cannot be paged: company info, preferences."""
        paths = {"CompanyInfo": f"companyinfo/{self.realm}", "Preferences": "preferences"}
        found = self.api.get(
            f"/v3/company/{self.realm}/{paths[spec.vendor_name]}",
            params={"minorversion": MINOR_VERSION},
            asked=spec.vendor_name,
            answer=dict[str, msgspec.Raw],
        )
        if spec.vendor_name not in found:
            raise ContractBroken(
                f"QuickBooks realm {self.realm}: asked for {spec.vendor_name}; the answer holds"
                f" {', '.join(sorted(found)) or 'nothing'}"
            )
        time = msgspec.json.decode(found["time"], type=datetime) if "time" in found else None
        return Page([found[spec.vendor_name]], self._asked_at(time))

    def report(self, spec: ReportSpec, on: date) -> bytes:
        """The report's whole text."""
        return self.api.get_text(
            f"/v3/company/{self.realm}/reports/{spec.vendor_name}",
            params={
                **dict(spec.parameters),
                spec.date_parameter: on.isoformat(),
                "minorversion": MINOR_VERSION,
            },
            asked=f"{spec.vendor_name} of {on}",
            answer=_ReportFrame,
        )

    def vendor_now(self) -> datetime:
        """The vendor's clock as last seen."""
        if self.api.vendor_now is None:
            raise ContractBroken(
                f"QuickBooks realm {self.realm} sends no Date header, so the as-of date is unknown"
            )
        return self.api.vendor_now

    def _query(self, statement: str, asked: str) -> _QueryAnswer:
        return self.api.get(
            f"/v3/company/{self.realm}/query",
            params={"query": statement, "minorversion": MINOR_VERSION},
            asked=asked,
            answer=_QueryAnswer,
        )

    def _asked_at(self, time: datetime | None) -> datetime:
        return time if time is not None else self.vendor_now()


def read_fault(response: httpx.Response) -> VendorFault | None:
    """The first error of a fault body in any of its three shapes; None if it is none of them.

    The gateway's ``detail`` echoes a part of the token, so it is never passed on.
    """
    try:
        body = msgspec.json.decode(response.content, type=_FaultBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if body.Fault and body.Fault.Error:
        first = body.Fault.Error[0]
        text = ": ".join(filter(None, (first.Message, first.Detail)))
        return _fault(first.code, text, first.element, response)
    if body.fault and body.fault.error:
        refused = body.fault.error[0]
        return _fault(refused.code, refused.message, None, response)
    if body.error:
        return _fault(body.error, body.error_description or "", None, response)
    return None


def _fault(
    code: str | int | None, text: str, field: str | None, response: httpx.Response
) -> VendorFault:
    code = None if code is None else str(code)
    if "ThrottleExceeded" in text:
        code = code or "3001"
    error, mend = _MENDS.get(code or "", (None, None))
    if trace := response.headers.get("intuit_tid"):
        text = f"{text} (intuit_tid {trace})"
    return VendorFault(code, text, field or None, error, mend)


def _rows(rows: msgspec.Raw) -> list[msgspec.Raw]:
    return msgspec.json.decode(rows, type=list[msgspec.Raw])


def _where(spec: QuickBooksObject, changed_since: datetime | None) -> str:
    conditions = []
    if changed_since is not None:
        conditions.append(f"MetaData.LastUpdatedTime >= '{_moment(changed_since)}'")
    if spec.hides_inactive:
        conditions.append("Active IN (true, false)")
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
