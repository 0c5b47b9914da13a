"""One way to ask a vendor: paced, timed, retried by error class, and never leaking a secret.

Belongs here: requests, retries, and the step from a status to the error tree. Does not belong here:
a vendor's paths and codes; its own folder supplies ``read_fault``.

Redirects are not followed: an answer may not carry a token to another host.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple, Protocol, Self, TypeVar

import httpx
import msgspec
import tenacity

from q2c_pipeline.core.errors import (
    ContractBroken,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RecordNotFound,
    RequestRejected,
    ServiceUnavailable,
    TransientError,
    Unreachable,
)
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.redaction import redact

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 130.0
FIRST_CONTACT_SECONDS = 10.0
"""How long to knock where nobody ever answered: the address may be wrong, and a person waits."""
FAULT_TEXT_CHARACTERS_MAX = 400
FAULT_BYTES_MAX = 64 * 1024
"""Faults are short: a longer body with a status of success is not looked through for one."""
Answer = TypeVar("Answer")
Read = TypeVar("Read")


class VendorFault(NamedTuple):
    """What a vendor's error body says; ``error`` overrules the class that the status suggests."""

    code: str | None
    text: str
    field: str | None = None
    error: type[Q2CError] | None = None
    mend: str | None = None


class Download(NamedTuple):
    """A whole answer that is not JSON, and the headers that say how it goes on."""

    content: bytes
    headers: Mapping[str, str]


class Allowance(Protocol):
    """How much of the customer's own limit we may use up; ``note`` learns it from each answer."""

    def check(self) -> None:
        """Raises AllowanceSpent where one more request would be too many."""

    def note(self, headers: Mapping[str, str]) -> None: ...


class Credentials(Protocol):
    """Gives the access token; ``renew`` replaces the one refused, once, whoever asks first."""

    def token(self) -> str: ...

    def renew(self, refused: str) -> str: ...

    def secrets(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long a transient failure is waited out: jittered doubling inside a time budget.

    A host that cannot be reached and never answered before gets ``first_contact_seconds``. A vendor
    that throttles without saying for how long is left alone for ``throttled_seconds``; the budget
    lives through three of those.
    """

    budget_seconds: float = 240.0
    throttled_seconds: float = 60.0
    first_contact_seconds: float = FIRST_CONTACT_SECONDS
    first_wait_seconds: float = 1.0
    wait_seconds_max: float = 60.0
    attempts_max: int = 12
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def retrying(
        self, *, is_known_host: Callable[[], bool], is_repeatable: bool
    ) -> tenacity.Retrying:
        """What cannot be repeated is sent again only where the vendor surely did nothing."""
        retried = TransientError if is_repeatable else (RateLimited, Unreachable)
        start = self.clock()

        def is_over(state: tenacity.RetryCallState) -> bool:
            is_stranger = isinstance(_failure(state), Unreachable) and not is_known_host()
            budget_seconds = self.first_contact_seconds if is_stranger else self.budget_seconds
            return (
                state.attempt_number >= self.attempts_max
                or self.clock() + state.upcoming_sleep > start + budget_seconds
            )

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(retried),
            wait=self._wait_seconds,
            stop=is_over,
            sleep=self.sleep,
            reraise=True,
        )

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        doubled = self.first_wait_seconds * 2.0 ** (state.attempt_number - 1)
        wait_seconds = min(doubled, self.wait_seconds_max) * (0.5 + self.jitter() / 2)
        error = _failure(state)
        if isinstance(error, RateLimited):
            wait_seconds = max(wait_seconds, error.retry_after_seconds)
        return wait_seconds


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


@dataclass(frozen=True, kw_only=True)
class _Question:
    """One request, what it wants in plain words, and whether it may be sent twice."""

    request: httpx.Request
    asked: str
    is_repeatable: bool = True
    is_batch: bool = False


class ApiClient:
    """Asks one vendor for one realm or organisation; safe to share between threads.

    ``calls`` counts requests sent, ``metered_reads`` the successful ones among those that the
    vendor bills; ``vendor_now`` is the vendor's clock as last seen in a ``Date`` header.
    """

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        read_fault: Callable[[httpx.Response], VendorFault | None],
        credentials: Credentials | None = None,
        secrets: tuple[str, ...] = (),
        pacer: Pacer | None = None,
        allowance: Allowance | None = None,
        retry: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.vendor = vendor
        self.calls = 0
        self.metered_reads = 0
        self.vendor_now: datetime | None = None
        self._credentials = credentials
        self._secrets = set(secrets)
        self._read_fault = read_fault
        self._allowance = allowance
        self._retry = retry or RetryPolicy()
        self._pacer = pacer or Pacer(
            per_second=50,
            per_minute=3000,
            in_flight=10,
            clock=self._retry.clock,
            sleep=self._retry.sleep,
        )
        self._counting = threading.Lock()
        self._is_known_host = False
        self._http = httpx.Client(
            base_url=base_url,
            timeout=httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            headers={"Accept": "application/json"},
            follow_redirects=False,
            trust_env=httpx.URL(base_url).host not in ("127.0.0.1", "localhost", "::1"),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        *,
        asked: str,
        answer: type[Answer],
        params: Mapping[str, str] | None = None,
        is_metered: bool = True,
    ) -> Answer:
        """The decoded answer. ``asked`` says in plain words what was wanted, for the messages.

        Raises: TransientError when the time budget is spent; PermanentError and its kin at once;
        ContractBroken when the answer is JSON of another shape.
        """
        return self._get(path, params, self._json_reader(asked, answer), asked, is_metered)[1]

    def get_text(
        self,
        path: str,
        *,
        asked: str,
        answer: type[Answer],
        params: Mapping[str, str] | None = None,
        is_metered: bool = True,
    ) -> bytes:
        """As ``get``, but the exact text, once it has been seen to be an ``answer``."""
        return self._get(path, params, self._json_reader(asked, answer), asked, is_metered)[0]

    def get_bytes(
        self,
        path: str,
        *,
        asked: str,
        media_type: str,
        params: Mapping[str, str] | None = None,
        is_metered: bool = True,
    ) -> Download:
        """A whole answer of another kind than JSON, such as ``text/csv``, and its headers.

        Raises: as ``get``; an answer of another media type counts as a service that fails.
        """

        def read(response: httpx.Response) -> Download:
            self._refuse_fault(response, asked)
            given = response.headers.get("Content-Type", "")
            if given.partition(";")[0].strip().casefold() != media_type:
                raise ServiceUnavailable(
                    f"{self.vendor}: asked for {asked}; the answer is {given or 'untyped'} instead"
                    f" of {media_type}. Nothing was taken from it; run again"
                )
            return Download(response.content, response.headers)

        return self._get(path, params, read, asked, is_metered, {"Accept": media_type})

    def post_json(
        self,
        path: str,
        body: object,
        *,
        asked: str,
        answer: type[Answer],
        params: Mapping[str, str] | None = None,
        is_repeatable: bool = False,
        is_batch: bool = False,
    ) -> Answer:
        """As ``get``, for a question or an order that takes a JSON body.

        Unless it ``is_repeatable``, it is sent again only where the vendor surely did nothing: a
        lost answer may hide something that was created.
        """
        request = self._http.build_request(
            "POST",
            self._own_path(path),
            params=params,
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json"},
        )
        question = _Question(
            request=request, asked=asked, is_repeatable=is_repeatable, is_batch=is_batch
        )
        return self._persist(question, self._json_reader(asked, answer))[1]

    def delete(self, path: str, *, asked: str) -> None:
        """Sees to it that what ``path`` names is gone; that it is gone already is no error."""
        request = self._http.build_request("DELETE", self._own_path(path))
        with suppress(RecordNotFound):
            self._persist(
                _Question(request=request, asked=asked),
                lambda response: self._refuse_fault(response, asked),
            )

    def post_form(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        asked: str,
        answer: type[Answer],
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """As ``get``, for a token endpoint: whatever is sent there is a secret from then on."""
        request = self._http.build_request("POST", self._own_path(path), data=dict(form))
        self._secrets.update(value for name, value in form.items() if name != "grant_type")
        if auth is not None:
            request = next(httpx.BasicAuth(*auth).auth_flow(request))
            self._secrets.update((auth[1], request.headers["Authorization"].removeprefix("Basic ")))
        question = _Question(request=request, asked=asked)
        return self._persist(question, self._json_reader(asked, answer))[1]

    def redacted(self, text: str) -> str:
        """The text without this client's secrets."""
        known = self._credentials.secrets() if self._credentials else ()
        return redact(text, {*self._secrets, *known})

    def _own_path(self, path: str) -> str:
        if not path.startswith("/") or path.startswith("//"):
            raise ContractBroken(
                f"{self.vendor} pointed to {self.redacted(path)!r}, which is not a path on its own"
                " host; nothing was sent there"
            )
        return path

    def _get(
        self,
        path: str,
        params: Mapping[str, str] | None,
        read: Callable[[httpx.Response], Read],
        asked: str,
        is_metered: bool,
        headers: Mapping[str, str] | None = None,
    ) -> Read:
        request = self._http.build_request(
            "GET", self._own_path(path), params=params, headers=headers
        )
        found = self._persist(_Question(request=request, asked=asked), read)
        if is_metered:
            with self._counting:
                self.metered_reads += 1
        return found

    def _persist(self, question: _Question, read: Callable[[httpx.Response], Read]) -> Read:
        retrying = self._retry.retrying(
            is_known_host=lambda: self._is_known_host, is_repeatable=question.is_repeatable
        )
        found: Read = retrying(lambda: read(self._attempt(question)))
        return found

    def _attempt(self, question: _Question) -> httpx.Response:
        if self._credentials is None:
            return self._send(question)
        token = self._credentials.token()
        response = self._send_with(token, question)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            response = self._send_with(self._credentials.renew(token), question)
        return response

    def _send_with(self, token: str, question: _Question) -> httpx.Response:
        self._secrets.add(token)
        question.request.headers["Authorization"] = f"Bearer {token}"
        return self._send(question)

    def _send(self, question: _Question) -> httpx.Response:
        with self._pacer.turn(is_batch=question.is_batch):
            if self._allowance is not None:
                self._allowance.check()
            with self._counting:
                self.calls += 1
            try:
                response = self._http.send(question.request)
            except httpx.HTTPError as error:
                is_connected = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                raise (ServiceUnavailable if is_connected else Unreachable)(
                    self.redacted(
                        f"{self.vendor}: asked for {question.asked}, and no whole answer came"
                        f" ({type(error).__name__}: {error}). Check the network and the address"
                        f" {question.request.url.copy_with(query=None)}, then run again"
                    )
                ) from None
        self._is_known_host = True
        self.vendor_now = _moment(response.headers.get("Date", "")) or self.vendor_now
        if self._allowance is not None:
            self._allowance.note(response.headers)
        return response

    def _json_reader(
        self, asked: str, answer: type[Answer]
    ) -> Callable[[httpx.Response], tuple[bytes, Answer]]:
        """Reads the exact text of a whole answer, and what it says."""

        def read(response: httpx.Response) -> tuple[bytes, Answer]:
            self._refuse_fault(response, asked)
            try:
                return response.content, msgspec.json.decode(response.content, type=answer)
            except msgspec.ValidationError as error:
                raise ContractBroken(
                    self.redacted(
                        f"{self.vendor}: asked for {asked}; the answer is not of the documented"
                        f" shape ({error}). Nothing was taken from it"
                    )
                ) from None
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ServiceUnavailable(
                    self.redacted(
                        f"{self.vendor}: asked for {asked}; the answer is not whole JSON ({error})."
                        " Nothing was taken from it; run again"
                    )
                ) from None

        return read

    def _refuse_fault(self, response: httpx.Response, asked: str) -> None:
        """Raises the error of a fault, also of one that comes with a status of success."""
        is_suspect = len(response.content) <= FAULT_BYTES_MAX
        if not response.is_success or (is_suspect and self._read_fault(response) is not None):
            raise self._error(response, asked)

    def _error(self, response: httpx.Response, asked: str) -> Q2CError:
        fault = self._read_fault(response)
        if fault is None:
            fault = VendorFault(None, _words(response.text))
        kind = fault.error or _error_class(response.status_code)
        code = f", code {fault.code}" if fault.code else ""
        text = self.redacted(fault.text)[:FAULT_TEXT_CHARACTERS_MAX]
        said = f": {text}" if text else ""
        message = self.redacted(
            f"{self.vendor}: asked for {asked}, got HTTP {response.status_code}{code}{said}."
            f" {fault.mend or _MENDS[kind]}"
        )
        if issubclass(kind, RateLimited):
            wait_seconds = _retry_after_seconds(response)
            if wait_seconds is None:
                wait_seconds = self._retry.throttled_seconds
            self._pacer.pause(min(wait_seconds, self._retry.budget_seconds))
            return kind(message, retry_after_seconds=wait_seconds)
        if issubclass(kind, RequestRejected):
            return kind(message, code=fault.code, field=fault.field)
        return kind(message)


_MENDS: Mapping[type[Q2CError], str] = {
    NotAuthorised: "Check the credentials and what their user may read, then run again",
    RateLimited: "Let other programs that use this connection rest, then run again",
    RecordNotFound: "Check the base URL, the realm or organisation and the API version",
    RequestRejected: "The same request will fail again: report this message",
    ServiceUnavailable: "The service is failing: run again later",
}


def _error_class(status: int) -> type[Q2CError]:
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return NotAuthorised
    if status == httpx.codes.NOT_FOUND:
        return RecordNotFound
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return ServiceUnavailable
    return RequestRejected


def _words(body: str) -> str:
    """What a body that is no fault says; a web page says nothing to the point."""
    return "a web page" if body.lstrip().startswith("<") else body.strip()


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after_seconds(response: httpx.Response) -> float | None:
    """Seconds as given, or until the moment given by the vendor's own clock."""
    given = response.headers.get("Retry-After", "")
    if given.isdigit():
        return float(given)
    until, now = _moment(given), _moment(response.headers.get("Date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None
