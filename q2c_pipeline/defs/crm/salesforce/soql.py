"""The queries that are asked, as text.

Belongs here: windows, places to go on from, lists of ids. Does not belong here: asking.

A query's rows come in the order of a key that no two rows share, so that reading can go on after
any row, however many carry one stamp.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.crm.salesforce.objects import SalesforceObject


class Place(NamedTuple):
    """The row after which reading goes on; without a stamp, rows are in the order of ids."""

    stamp: datetime | None
    record_id: str


def window(
    spec: SalesforceObject, fields: Sequence[str], *, since: datetime | None, after: Place | None
) -> str:
    """All rows, or those stamped since then, or those that follow a place; by stamp and id."""
    if after is not None and after.stamp is not None:
        stamp = _moment(after.stamp)
        where = (
            f" WHERE (({spec.stamp} = {stamp} AND Id > {_text(after.record_id)})"
            f" OR {spec.stamp} > {stamp})"
        )
    else:
        where = f" WHERE {spec.stamp} >= {_moment(since)}" if since else ""
    return f"{unordered(spec, fields)}{where} ORDER BY {spec.stamp} ASC, Id ASC"


def unordered(
    spec: SalesforceObject, fields: Sequence[str], *, since: datetime | None = None
) -> str:
    """As a window, for a bulk job: an order would keep the vendor from cutting it into parts."""
    where = f" WHERE {spec.stamp} >= {_moment(since)}" if since else ""
    return f"SELECT {', '.join(fields)} FROM {spec.vendor_name}{where}"


def ids(spec: SalesforceObject, fields: Sequence[str], *, after: Place | None) -> str:
    """All rows by id, or those that follow a place."""
    where = f" WHERE Id > {_text(after.record_id)}" if after else ""
    return f"{unordered(spec, fields)}{where} ORDER BY Id ASC"


def chosen(spec: SalesforceObject, fields: Sequence[str], record_ids: Iterable[str]) -> str:
    """The named rows."""
    return naming(spec.vendor_name, fields, "Id", record_ids)


def naming(object: str, fields: Iterable[str], path: str, record_ids: Iterable[str]) -> str:
    """Rows whose field at ``path``, be it a parent's, names one of these records."""
    named = ", ".join(map(_text, record_ids))
    return f"SELECT {', '.join(fields)} FROM {object} WHERE {path} IN ({named})"


def place_of(row: msgspec.Raw, stamp: str | None) -> Place:
    """Where a row stands in the order of its query.

    Raises: ContractBroken when the row does not say.
    """
    says = msgspec.json.decode(row)
    try:
        moment = datetime.fromisoformat(says[stamp]) if stamp else None
        return Place(moment, str(says["Id"]))
    except (KeyError, TypeError, ValueError):
        raise ContractBroken(
            "Salesforce lost its place in a query, and the last row has no id or no moment to go"
            f" on from: {bytes(row)[:200]!r}. Run again"
        ) from None


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
