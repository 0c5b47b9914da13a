"""What a vendor's answer is: what was asked for, a fault, or neither.

Belongs here: the step from a status and a body to a value or the error tree. Does not belong here:
sending, waiting, and a vendor's codes; its own folder supplies ``read_fault``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar

import httpx
import msgspec

from q2c_pipeline.core.errors import (
    ContractBroken,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RecordNotFound,
    RequestRejected,
    ServiceUnavailable,
)

FAULT_TEXT_CHARACTERS_MAX = 400
FAULT_BYTES_MAX = 64 * 1024
"""Faults are short: a longer body with a status of success is not looked through for one."""

Answer = TypeVar("Answer")


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


@dataclass(frozen=True, kw_only=True)
class AnswerReader:
    """Reads one vendor's answers; ``asked`` says in plain words what was wanted.

    ``redacted`` takes the secrets out of every message. A vendor that throttles without saying for
    how long is left alone for ``throttled_seconds``.
    """

    vendor: str
    read_fault: Callable[[httpx.Response], VendorFault | None]
    redacted: Callable[[str], str]
    throttled_seconds: float

    def document(
        self, response: httpx.Response, asked: str, answer: type[Answer]
    ) -> tuple[bytes, Answer]:
        """The exact text of a whole JSON answer, and what it says."""
        self.refuse_fault(response, asked)
        try:
            return response.content, msgspec.json.decode(response.content, type=answer)
        except msgspec.ValidationError as error:
            raise ContractBroken(
                self.redacted(
                    f"{self.vendor}: asked for {asked}; the answer is not of the documented shape"
                    f" ({error}). Nothing was taken from it"
                )
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ServiceUnavailable(
                self.redacted(
                    f"{self.vendor}: asked for {asked}; the answer is not whole JSON ({error})."
                    " Nothing was taken from it; run again"
                )
            ) from None

    def download(self, response: httpx.Response, asked: str, media_type: str) -> Download:
        """A whole answer of such a type; one of another is a service that fails."""
        self.refuse_fault(response, asked)
        given = response.headers.get("Content-Type", "")
        if given.partition(";")[0].strip().casefold() != media_type:
            raise ServiceUnavailable(
                self.redacted(
                    f"{self.vendor}: asked for {asked}; the answer is {given or 'untyped'} instead"
                    f" of {media_type}. Nothing was taken from it; run again"
                )
            )
        return Download(response.content, response.headers)

    def refuse_fault(self, response: httpx.Response, asked: str) -> None:
        """Raises the error of a fault, also of one that comes with a status of success."""
        is_suspect = len(response.content) <= FAULT_BYTES_MAX
        if not response.is_success or (is_suspect and self.read_fault(response) is not None):
            raise self._error(response, asked)

    def _error(self, response: httpx.Response, asked: str) -> Q2CError:
        fault = self.read_fault(response)
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
            given_seconds = _retry_after_seconds(response)
            wait_seconds = self.throttled_seconds if given_seconds is None else given_seconds
            return kind(message, retry_after_seconds=wait_seconds)
        if issubclass(kind, RequestRejected):
            return kind(message, code=fault.code, field=fault.field)
        return kind(message)


def moment_of(response: httpx.Response) -> datetime | None:
    """The vendor's clock, if the answer shows it."""
    return _moment(response.headers.get("Date", ""))


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
    until, now = _moment(given), moment_of(response)
    return max(0.0, (until - now).total_seconds()) if until and now else None
