"""Dates and datetimes as Salesforce writes them.

Belongs here: text to moment and back. Does not belong here: which fields hold one.
"""

import re
from datetime import UTC, date, datetime

from q2c_pipeline.sandbox.store import microseconds

DATETIME_FORM = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII
)
DATE_FORM = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def stamp(moment: datetime) -> str:
    """``2026-03-01T14:05:58.000+0000``."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def parsed_moment(text: str) -> datetime | None:
    """The moment; None for any text that is not a whole datetime with an offset."""
    if not DATETIME_FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def instant_microseconds(text: object) -> int | None:
    """The moment as a number that compares; None for anything that is no moment."""
    moment = parsed_moment(text) if isinstance(text, str) else None
    return None if moment is None else microseconds(moment)


def is_date(text: str) -> bool:
    if not DATE_FORM.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
