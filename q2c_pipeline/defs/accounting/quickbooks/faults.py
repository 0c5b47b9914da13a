"""What QuickBooks says when it refuses, in whichever of its three shapes.

Belongs here: the shapes of fault bodies and what each code means. Does not belong here: retries,
which go by error class in ``core/http.py``.
"""

from collections.abc import Mapping

import httpx
import msgspec

from q2c_pipeline.core.answers import VendorFault
from q2c_pipeline.core.errors import (
    GrantEnded,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RecordNotFound,
    ServiceUnavailable,
)

SYSTEM_FAILURES_FROM = 10_000
"""Codes from here on say that QuickBooks failed, not that it refused: what it did is not known."""

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
        GrantEnded,
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


def is_system_failure(code: str | None) -> bool:
    return code is not None and code.isdigit() and int(code) >= SYSTEM_FAILURES_FROM


def _fault(
    code: str | int | None, text: str, field: str | None, response: httpx.Response
) -> VendorFault:
    code = None if code is None else str(code)
    if "ThrottleExceeded" in text:
        code = code or "3001"
    error, mend = _MENDS.get(code or "", (None, None))
    if error is None and is_system_failure(code):
        error = ServiceUnavailable
    if trace := response.headers.get("intuit_tid"):
        text = f"{text} (intuit_tid {trace})"
    return VendorFault(code, text, field or None, error, mend)
