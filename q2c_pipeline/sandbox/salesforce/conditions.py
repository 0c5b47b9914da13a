"""Conditional requests: unchanged since, changed since, same entity tag.

Belongs here: the headers and what they mean. Does not belong here: which resources honour them.
Dates have a resolution of one second, as the vendor's stamps have.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce.faults import Refusal


def validators(changed_at: datetime, tag: str | None = None) -> dict[str, str]:
    """The headers by which a client may ask again under a condition."""
    moment = format_datetime(changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True)
    return {"Last-Modified": moment} | ({"ETag": tag} if tag else {})


def tag_of(payload: str) -> str:
    """The entity tag of a stored text."""
    digest = hashlib.sha256(payload.encode()).digest()
    return f'"{base64.b64encode(digest).decode()}"'


def is_unchanged(headers: Mapping[str, str], changed_at: datetime, tag: str | None = None) -> bool:
    """Whether a reader has it already; an entity tag, where there is one, outdoes the date."""
    if tag and "If-None-Match" in headers:
        return _names(headers["If-None-Match"], tag)
    since = _moment(headers.get("If-Modified-Since"))
    return since is not None and changed_at.replace(microsecond=0) <= since


def not_modified(changed_at: datetime, tag: str | None = None) -> Response:
    return Response(status_code=304, headers=validators(changed_at, tag))


def check_precondition(
    headers: Mapping[str, str], changed_at: datetime, tag: str | None = None
) -> None:
    """Raises ``Refusal`` (412) if what a writer has seen is not what stands."""
    if tag and "If-Match" in headers:
        holds = _names(headers["If-Match"], tag)
    else:
        since = _moment(headers.get("If-Unmodified-Since"))
        holds = since is None or changed_at.replace(microsecond=0) <= since
    if not holds:
        raise Refusal("PRECONDITION_FAILED", "The record has changed since it was read", status=412)


def _names(listed: str, tag: str) -> bool:
    return listed.strip() == "*" or tag in [name.strip() for name in listed.split(",")]


def _moment(text: str | None) -> datetime | None:
    """An HTTP date; None for none and for what is no date, which counts for nothing."""
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
