"""Query results in pages, and the cursors that lead from one page to the next.

Belongs here: page size, locators, their two days. Does not belong here: finding rows
(``search``). A cursor fixes which rows and their order; a row's values are read with its page.
"""

import hashlib
import re
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.salesforce.faults import invalid_locator
from q2c_pipeline.sandbox.salesforce.ids import with_suffix
from q2c_pipeline.sandbox.salesforce.rows import RowWriter, Selection

PAGE_SIZE_MAX = 2000
PAGE_SIZE_MIN = 200
CURSOR_LIFETIME = timedelta(days=2)
BATCH_SIZE_FORM = re.compile(r"\bbatchSize\s*=\s*(\d+)", re.IGNORECASE)
LOCATOR_FORM = re.compile(r"(?P<cursor>\w{18})-(?P<start>\d{1,9})", re.ASCII)


class Cursor(NamedTuple):
    chosen: Selection
    ordinals: Sequence[int]
    page_size: int
    include_deleted: bool
    expires_at: datetime


def page_size(query_options: str | None) -> int:
    """The page size that a ``Sforce-Query-Options`` header asks for, within bounds."""
    match = BATCH_SIZE_FORM.search(query_options or "")
    wanted = int(match[1]) if match else PAGE_SIZE_MAX
    return min(max(wanted, PAGE_SIZE_MIN), PAGE_SIZE_MAX)


class Cursors:
    """Open results; they live in memory, so a restart ends them as two days do."""

    def __init__(self, random_text: Callable[[], str]) -> None:
        self._random_text = random_text
        self._open: dict[str, Cursor] = {}

    def first_page(
        self,
        chosen: Selection,
        ordinals: list[int],
        writer: RowWriter,
        *,
        page_size: int,
        include_deleted: bool,
        now: datetime,
    ) -> dict[str, Any]:
        self._forget_expired(now)
        cursor = Cursor(
            chosen, array("q", ordinals), page_size, include_deleted, now + CURSOR_LIFETIME
        )
        cursor_id = ""
        if len(ordinals) > page_size:
            digest = hashlib.sha256(self._random_text().encode()).hexdigest()
            cursor_id = with_suffix("0r8" + digest[:12])
            self._open[cursor_id] = cursor
        return self._page(cursor, cursor_id, 0, writer)

    def later_page(self, locator: str, writer: RowWriter, *, now: datetime) -> dict[str, Any]:
        """The page a locator leads to, any number of times.

        Raises ``Refusal`` (INVALID_QUERY_LOCATOR) for an unknown or expired one.
        """
        self._forget_expired(now)
        match = LOCATOR_FORM.fullmatch(locator)
        cursor = self._open.get(match["cursor"]) if match else None
        if match is None or cursor is None or int(match["start"]) >= len(cursor.ordinals):
            raise invalid_locator()
        return self._page(cursor, match["cursor"], int(match["start"]), writer)

    def _page(
        self, cursor: Cursor, cursor_id: str, start: int, writer: RowWriter
    ) -> dict[str, Any]:
        end = start + cursor.page_size
        is_last = end >= len(cursor.ordinals)
        page: dict[str, Any] = {"totalSize": len(cursor.ordinals), "done": is_last}
        if not is_last:
            page["nextRecordsUrl"] = writer.url(f"query/{cursor_id}-{end}")
        page["records"] = writer.rows(
            cursor.chosen, cursor.ordinals[start:end], include_deleted=cursor.include_deleted
        )
        return page

    def _forget_expired(self, now: datetime) -> None:
        expired = [key for key, cursor in self._open.items() if cursor.expires_at <= now]
        for key in expired:
            del self._open[key]
