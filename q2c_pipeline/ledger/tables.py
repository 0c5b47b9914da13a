"""Events as rows.

Belongs here: the table as this release sees it, and the way from an event to a row and back. Does
not belong here: how the table is made, which is ``migrations``.

Moments are kept as text, in UTC with all six decimals of the second: the same to the letter in
every database, so that a hash made in one holds in the other.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text

from q2c_pipeline.ledger.events import Event, State

_NUMBERS = {"sequence", "generation", "attempt", "position"}
_MOMENTS = ("happened_at", "vendor_at")

FIELDS = tuple(field.name for field in fields(Event))

EVENTS = Table(
    "events",
    MetaData(),
    *(Column(name, Integer if name in _NUMBERS else Text) for name in FIELDS),
)


def row_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """An event's fields as they are stored."""
    moments = {name: _text_of(values[name]) for name in _MOMENTS}
    states = {name: values[name] and values[name].value for name in ("state", "before")}
    return {**values, **moments, **states}


def event_of(row: Mapping[str, Any]) -> Event:
    """The event that a row holds."""
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in _MOMENTS}
    before = None if row["before"] is None else State(row["before"])
    return Event(**{**row, **moments, "state": State(row["state"]), "before": before})


def _text_of(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")
