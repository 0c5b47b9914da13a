"""One way to ask a vendor: paced, timed, retried by error class, and never leaking a secret.

Belongs here: requests, and what is sent again. Does not belong here: for how long, which is
``retries.py``, and what an answer means, which is ``answers.py``.

Redirects are not followed: an answer may not carry a token to another host.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

import httpx
import msgspec

from q2c_pipeline.core.answers import AnswerReader, Download, VendorFault, moment_of
from q2c_pipeline.core.errors import (
    ContractBroken,
    RateLimited,
    RecordNotFound,
    ServiceUnavailable,
    Unreachable,
)
from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.redaction import redact
from q2c_pipeline.core.retries import RetryPolicy

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 130.0
Answer = TypeVar("Answer")
Read = TypeVar("Read")


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
        self._allowance = allowance
        self._retry = retry or RetryPolicy()
        self._pacer = pacer or Pacer(
            per_second=50,
            per_minute=3000,
            in_flight=10,
            clock=self._retry.clock,
            sleep=self._retry.sleep,
        )
        self._answers = AnswerReader(
            vendor=vendor,
            read_fault=read_fault,
            redacted=self.redacted,
            throttled_seconds=self._retry.throttled_seconds,
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
        return self._get(path, params, self._document(asked, answer), asked, is_metered)[1]

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
        return self._get(path, params, self._document(asked, answer), asked, is_metered)[0]

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
        return self._get(
            path,
            params,
            lambda response: self._answers.download(response, asked, media_type),
            asked,
            is_metered,
            {"Accept": media_type},
        )

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
        return self._persist(question, self._document(asked, answer))[1]

    def post_nothing(
        self,
        path: str,
        *,
        asked: str,
        answer: type[Answer],
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """As ``post_json``, for an order that the path says whole; never sent twice."""
        request = self._http.build_request(
            "POST",
            self._own_path(path),
            params=params,
            content=b"",
            headers={"Content-Type": "application/octet-stream"},
        )
        question = _Question(request=request, asked=asked, is_repeatable=False)
        return self._persist(question, self._document(asked, answer))[1]

    def patch_json_once(
        self,
        path: str,
        body: object,
        *,
        asked: str,
        answer: type[Answer],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """As ``post_json``, for a change; whoever asks for it decides whether to ask again.

        Raises: TransientError at once; unless it is RateLimited or Unreachable, the change may have
        been made.
        """
        request = self._http.build_request(
            "PATCH",
            self._own_path(path),
            content=msgspec.json.encode(body),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        response = self._attempt(_Question(request=request, asked=asked))
        return self._read(response, self._document(asked, answer))[1]

    def delete(self, path: str, *, asked: str) -> None:
        """Sees to it that what ``path`` names is gone; that it is gone already is no error."""
        request = self._http.build_request("DELETE", self._own_path(path))
        with suppress(RecordNotFound):
            self._persist(
                _Question(request=request, asked=asked),
                lambda response: self._answers.refuse_fault(response, asked),
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
        """As ``get``, for a token endpoint: what goes and comes there is a secret from then on."""
        request = self._http.build_request("POST", self._own_path(path), data=dict(form))
        self._secrets.update(value for name, value in form.items() if name != "grant_type")
        if auth is not None:
            request = next(httpx.BasicAuth(*auth).auth_flow(request))
            self._secrets.update((auth[1], request.headers["Authorization"].removeprefix("Basic ")))
        question = _Question(request=request, asked=asked)
        text, found = self._persist(question, self._document(asked, answer))
        issued = msgspec.json.decode(text, type=dict[str, Any])
        self._secrets.update(
            str(value) for name, value in issued.items() if name.endswith("_token")
        )
        return found

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
        found: Read = retrying(lambda: self._read(self._attempt(question), read))
        return found

    def _read(self, response: httpx.Response, read: Callable[[httpx.Response], Read]) -> Read:
        """The answer; a refusal to one thread rests all that share the pacer."""
        try:
            return read(response)
        except RateLimited as error:
            self._pacer.pause(min(error.retry_after_seconds, self._retry.budget_seconds))
            raise

    def _document(
        self, asked: str, answer: type[Answer]
    ) -> Callable[[httpx.Response], tuple[bytes, Answer]]:
        return lambda response: self._answers.document(response, asked, answer)

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
        self.vendor_now = moment_of(response) or self.vendor_now
        if self._allowance is not None:
            self._allowance.note(response.headers)
        return response
