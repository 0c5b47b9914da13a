"""Query jobs: a SOQL query whose rows are fetched as CSV, page by page.

Belongs here: which queries a job takes, and its results. Does not belong here: requests
(``bulk_handlers``). Each time it is asked about, a job moves on one state, so that a client meets
all of them and none takes time.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.salesforce.bulk_csv import Column, Dialect, cells, column
from q2c_pipeline.sandbox.salesforce.bulk_jobs import (
    IN_PROGRESS,
    JOB_COMPLETE,
    UPLOAD_COMPLETE,
    Job,
    invalid_state,
)
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    malformed_query,
    unknown_object_in_query,
)
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.rows import RowWriter, Selection
from q2c_pipeline.sandbox.salesforce.soql_tree import Query

QUERY, QUERY_ALL = "query", "queryAll"
PAGE_ROWS_DEFAULT = 50_000
PAGE_ROWS_FORM = re.compile(r"[1-9]\d{0,8}", re.ASCII)
ROWS_READ_AT_ONCE = 2_000
UNSUPPORTED_OBJECTS = frozenset({"ContractStatus"})


class Page(NamedTuple):
    """``locator`` leads to the next page; the last one has None."""

    text: str
    row_count: int
    locator: str | None


@dataclass(kw_only=True)
class QueryJob(Job):
    """``ordinals`` are the rows that the query found; their values are read while it runs."""

    chosen: Selection
    columns: Sequence[Column]
    ordinals: Sequence[int]
    rows: list[list[str]] = field(default_factory=list)

    def move_on(self, writer: RowWriter, now: datetime) -> None:
        if self.state == UPLOAD_COMPLETE:
            self.enter(IN_PROGRESS, now)
        elif self.state == IN_PROGRESS:
            self.rows = [cells(self.columns, row) for row in self._found_rows(writer)]
            self.enter(JOB_COMPLETE, now)

    def description(self) -> dict[str, Any]:
        return self.outline() | {
            "jobType": "V2Query",
            "numberRecordsProcessed": len(self.rows),
            "retries": 0,
            "totalProcessingTime": (self.changed_at - self.created_at).seconds * 1000,
        }

    def page(self, locator: str | None, rows_max: str | None) -> Page:
        """A page of the results, the same any number of times; each has the headings.

        Raises ``Refusal`` before the job is complete, and for a locator that leads nowhere.
        """
        if self.state != JOB_COMPLETE:
            raise invalid_state(f"Results are not available: the job is {self.state}")
        start = _start(locator)
        if start and start >= len(self.rows):
            raise _invalid_locator()
        end = start + _page_rows(rows_max)
        rows = self.rows[start:end]
        headings = [wanted.heading for wanted in self.columns]
        is_last = end >= len(self.rows)
        return Page(
            self.dialect.text([headings, *rows]), len(rows), None if is_last else _locator(end)
        )

    def _found_rows(self, writer: RowWriter) -> Iterator[dict[str, Any]]:
        ordinals = iter(self.ordinals)
        while some := list(islice(ordinals, ROWS_READ_AT_ONCE)):
            yield from writer.rows(self.chosen, some, include_deleted=self.operation == QUERY_ALL)


def query_job(
    organisation: Organisation,
    wanted: Query,
    *,
    job_id: str,
    operation: str,
    version: str,
    dialect: Dialect,
) -> QueryJob:
    """A new job for a query.

    Raises ``Refusal`` for what Bulk API 2.0 does not answer, and for what no query may ask.
    """
    if wanted.is_count or wanted.offset:
        feature = "Aggregate functions are" if wanted.is_count else "OFFSET is"
        raise Refusal("FEATURENOTENABLED", f"{feature} not supported in Bulk Query")
    sobject = organisation.schema.find(wanted.object)
    if sobject is None:
        raise unknown_object_in_query(wanted.object)
    if sobject.name in UNSUPPORTED_OBJECTS:
        raise Refusal("INVALIDENTITY", f"Entity '{sobject.name}' is not supported by the Bulk API.")
    columns = [column(organisation.schema, sobject, path) for path in wanted.fields]
    chosen, ordinals = organisation.found(wanted, include_deleted=operation == QUERY_ALL)
    return QueryJob(
        id=job_id,
        operation=operation,
        object=sobject.name,
        version=version,
        dialect=dialect,
        created_at=organisation.now(),
        state=UPLOAD_COMPLETE,
        chosen=chosen,
        columns=columns,
        ordinals=ordinals,
    )


def _page_rows(rows_max: str | None) -> int:
    if rows_max is None:
        return PAGE_ROWS_DEFAULT
    if not PAGE_ROWS_FORM.fullmatch(rows_max):
        raise malformed_query(f"maxRecords has to be a positive number, not {rows_max}")
    return int(rows_max)


def _locator(start: int) -> str:
    return base64.b64encode(str(start).encode()).decode().rstrip("=")


def _start(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        text = base64.b64decode(locator + "=" * (-len(locator) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _invalid_locator() from error
    if not PAGE_ROWS_FORM.fullmatch(text):
        raise _invalid_locator()
    return int(text)


def _invalid_locator() -> Refusal:
    return Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
