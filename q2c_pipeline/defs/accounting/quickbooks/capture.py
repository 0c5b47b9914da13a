"""What changed since the objects' cursors, from change data capture, and when that is not enough.

Belongs here: the look-back, the cap, the overlap. Does not belong here: landing what was captured.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from q2c_pipeline.core.errors import RequestRejected
from q2c_pipeline.core.extraction import in_order
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import Changes, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.listing import PAGES_AHEAD
from q2c_pipeline.defs.accounting.quickbooks.objects import SYSTEM, QuickBooksObject

CAPTURE_OVERLAP = timedelta(minutes=5)
"""Stamps have whole seconds and a record may show late, so the last minutes are seen twice."""
CAPTURE_LOOK_BACK = timedelta(days=30) - timedelta(hours=1)
"""The vendor keeps 30 days; the hour is for a request that waits."""


class Changed(NamedTuple):
    """One object's captured rows; ``rows`` is None when even alone it was over the cap."""

    rows: list[msgspec.Raw] | None
    asked_at: datetime
    since: datetime


def captured(
    store: RawStore,
    client: QuickBooksClient,
    specs: Sequence[QuickBooksObject],
    pool: ThreadPoolExecutor,
) -> Mapping[str, Changed]:
    """Changes by vendor name; empty when the vendor no longer keeps all that happened since.

    One call for all objects; only when its answer is full, one for each.
    """
    cursors = [store.cursor(SYSTEM, spec.name, client.realm) for spec in specs]
    known = [cursor.changed_since for cursor in cursors if cursor]
    if not known:
        return {}
    since = min(known) - CAPTURE_OVERLAP
    try:
        whole = client.changes(specs, changed_since=since)
    except RequestRejected:
        if client.vendor_now() - since > CAPTURE_LOOK_BACK:
            return {}
        raise
    if client.vendor_now() - since > CAPTURE_LOOK_BACK:
        return {}
    if not whole.is_capped:
        return {
            spec.vendor_name: Changed(whole.rows[spec.vendor_name], whole.asked_at, since)
            for spec in specs
        }

    def alone(spec: QuickBooksObject) -> Changes:
        return client.changes([spec], changed_since=since)

    parts = in_order(pool, alone, specs, ahead=PAGES_AHEAD)
    return {
        spec.vendor_name: Changed(
            None if part.is_capped else part.rows[spec.vendor_name], part.asked_at, since
        )
        for spec, part in zip(specs, parts, strict=True)
    }
