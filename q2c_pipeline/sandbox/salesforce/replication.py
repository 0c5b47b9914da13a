"""Which records were deleted or changed within a while, by id.

Belongs here: the two replication resources, and how far back they see. Does not belong here:
queries. Deletions are seen while they are in the recycle bin, which is emptied after 15 days.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.moments import parsed_moment, stamp
from q2c_pipeline.sandbox.salesforce.organisation import BIN_LIFETIME, Organisation
from q2c_pipeline.sandbox.salesforce.schema import SYSTEM, SObject
from q2c_pipeline.sandbox.store import EPOCH, microseconds

REACH = timedelta(days=30)
IDS_MAX = 600_000


def deleted(organisation: Organisation, sobject: SObject, start: str, end: str) -> dict[str, Any]:
    """Raises ``Refusal`` for a span that cannot be answered."""
    begins, ends = _span(organisation, sobject, start, end)
    records = [
        {"id": record_id, "deletedDate": stamp(moment)}
        for record_id, moment in _changed(organisation, sobject, begins, ends, is_deleted=True)
    ]
    return {
        "deletedRecords": records,
        "earliestDateAvailable": stamp(organisation.now() - BIN_LIFETIME),
        "latestDateCovered": stamp(ends),
    }


def updated(organisation: Organisation, sobject: SObject, start: str, end: str) -> dict[str, Any]:
    """Raises ``Refusal`` for a span that cannot be answered."""
    begins, ends = _span(organisation, sobject, start, end)
    changed = _changed(organisation, sobject, begins, ends, is_deleted=False)
    return {"ids": [record_id for record_id, _ in changed], "latestDateCovered": stamp(ends)}


def _span(
    organisation: Organisation, sobject: SObject, start: str, end: str
) -> tuple[datetime, datetime]:
    """Both ends in whole minutes, the later one no later than now."""
    if not {"systemmodstamp", "isdeleted"} <= set(sobject.fields):
        raise Refusal("INVALID_TYPE", f"{sobject.name} is not replicateable")
    moments = [parsed_moment(text) for text in (start, end)]
    begins, ends = (moment and moment.replace(second=0, microsecond=0) for moment in moments)
    if begins is None or ends is None:
        raise Refusal("INVALID_REPLICATION_DATE", f"start {start} or end {end} is no datetime")
    now = organisation.now()
    if begins < now - REACH:
        raise Refusal(
            "INVALID_REPLICATION_DATE", f"startDate cannot be more than {REACH.days} days ago"
        )
    if begins >= ends:
        raise Refusal(
            "INVALID_REPLICATION_DATE", "endDate must be at least one minute after startDate"
        )
    return begins, min(ends, now)


def _changed(
    organisation: Organisation,
    sobject: SObject,
    begins: datetime,
    ends: datetime,
    *,
    is_deleted: bool,
) -> Iterator[tuple[str, datetime]]:
    rows = organisation.store.connection.execute(
        "select record_id, updated_at from records where system = ? and tenant = ? and object = ?"
        " and is_deleted = ? and updated_at >= ? and updated_at < ? and record_id is not null"
        " order by updated_at, ordinal limit ?",
        (
            SYSTEM,
            organisation.id,
            sobject.name,
            int(is_deleted),
            microseconds(begins),
            microseconds(ends),
            IDS_MAX + 1,
        ),
    ).fetchall()
    if len(rows) > IDS_MAX:
        raise Refusal("EXCEEDED_ID_LIMIT", f"more than {IDS_MAX} ids: ask for a shorter span")
    for record_id, updated_at in rows:
        yield record_id, EPOCH + timedelta(microseconds=updated_at)
