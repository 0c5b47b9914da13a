"""A complete listing of one object, page by page, that rows added or deleted meanwhile cannot tear.

Belongs here: how pages fit together. Does not belong here: what a row must hold, and where it goes.

Offset paging is no snapshot: a row deleted between two pages moves the later ones up. So pages
follow the Id, which never changes, and neighbours overlap by a few rows. Two neighbours with an Id
in common leave no gap between them, whatever happened meanwhile; two without one are read again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from q2c_pipeline.core.errors import ServiceUnavailable
from q2c_pipeline.core.extraction import in_order
from q2c_pipeline.core.objects import Record, Reject, read_records
from q2c_pipeline.defs.accounting.quickbooks.client import PAGE_ROWS_MAX, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.objects import QuickBooksObject

PAGE_OVERLAP_ROWS = 10
PAGES_AHEAD = 6
LISTING_ATTEMPTS_MAX = 3


class ListedPage(NamedTuple):
    """One page's observations, and the vendor's time when it was asked for."""

    observations: list[Record | Reject]
    asked_at: datetime

    def ids(self) -> set[str]:
        return {seen.record_id for seen in self.observations if seen.record_id is not None}

    def is_last(self) -> bool:
        return len(self.observations) < PAGE_ROWS_MAX


class _Torn(Exception):
    """Two neighbouring pages have no row in common."""


def listed(
    client: QuickBooksClient,
    spec: QuickBooksObject,
    pool: ThreadPoolExecutor,
    *,
    changed_since: datetime | None = None,
) -> Iterator[ListedPage]:
    """Every row (changed since then) at least once; the first page's time is the safe cursor.

    Raises: ServiceUnavailable when rows vanish faster than they can be listed.
    """
    for _ in range(LISTING_ATTEMPTS_MAX):
        try:
            yield from _fitting(_pages(client, spec, pool, changed_since))
            return
        except _Torn:
            continue
    raise ServiceUnavailable(
        f"QuickBooks realm {client.realm}: {spec.vendor_name} rows are being deleted faster than"
        " they can be listed. Run again when that is over"
    )


def _fitting(pages: Iterator[ListedPage]) -> Iterator[ListedPage]:
    before: set[str] = set()
    for page in pages:
        ids = page.ids()
        if before and ids and not before & ids:
            raise _Torn
        yield page
        before = ids


def _pages(
    client: QuickBooksClient,
    spec: QuickBooksObject,
    pool: ThreadPoolExecutor,
    changed_since: datetime | None,
) -> Iterator[ListedPage]:
    def read(start: int) -> ListedPage:
        page = client.page(spec, start=start, changed_since=changed_since)
        return ListedPage(read_records(spec, page.rows), page.asked_at)

    page = read(1)
    yield page
    if page.is_last():
        return
    step = PAGE_ROWS_MAX - PAGE_OVERLAP_ROWS
    total = client.count(spec, changed_since=changed_since)
    start = 1 + step
    for page in in_order(pool, read, range(start, total + 1, step), ahead=PAGES_AHEAD):
        yield page
        start += step
    while not page.is_last():
        page = read(start)
        yield page
        start += step
