"""Refusals by the gateway in front of QuickBooks, in a shape of their own.

Belongs here: what is refused before a request reaches the books. Does not belong here: faults of
the books.
"""

from datetime import datetime
from typing import Any

from q2c_pipeline.sandbox.quickbooks.wire import write


class NotAuthenticated(Exception):
    """A missing, unknown or expired token; answered by the gateway, in its own shape."""

    status = 401
    challenge = 'Bearer realm="Intuit", error="invalid_token"'

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def body(self, moment: datetime) -> str:
        return gateway_body(
            moment,
            code="3200",
            message="message=AuthenticationFailed; errorCode=003200; statusCode=401",
            detail=self.detail,
            kind="AUTHENTICATION",
        )


class NotAllowed(Exception):
    """A living token of another company; answered by the gateway too."""

    status = 403

    def body(self, moment: datetime) -> str:
        return gateway_body(
            moment,
            code="3100",
            message="message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
            detail="The token was issued for another company.",
            kind="AUTHORIZATION",
        )


def gateway_body(moment: datetime, *, code: str, message: str, detail: str, kind: str) -> str:
    """The lower-case shape of the gateway, with the time in milliseconds since 1970."""
    error: dict[str, Any] = {"message": message, "detail": detail, "code": code, "element": None}
    return write(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": kind},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(moment.timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }
    )
