"""What Salesforce says when it refuses, in either of its two shapes.

Belongs here: the shapes of fault bodies and what each code means. Does not belong here: retries,
which go by error class in ``core/http.py``.
"""

from collections.abc import Mapping

import httpx
import msgspec

from q2c_pipeline.core.answers import VendorFault
from q2c_pipeline.core.errors import (
    AllowanceSpent,
    NotAuthorised,
    Q2CError,
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
)

_MENDS: Mapping[str, tuple[type[Q2CError], str]] = {
    "REQUEST_LIMIT_EXCEEDED": (
        AllowanceSpent,
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

PASSING_STATUSES = frozenset({406, 420})
"""Documented as conditions that pass by themselves; mostly without a body."""


class _Refused(msgspec.Struct):
    message: str = ""
    errorCode: str | None = None
    fields: list[str] = []


class _SignInRefused(msgspec.Struct):
    error: str
    error_description: str = ""


def read_fault(response: httpx.Response) -> VendorFault | None:
    """The first error of an error body in either of its shapes; None if it is neither."""
    if response.status_code in PASSING_STATUSES:
        return VendorFault(None, "", error=ServiceUnavailable)
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
