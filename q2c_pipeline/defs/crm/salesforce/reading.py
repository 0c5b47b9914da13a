"""Reads the rows of one object: by query, by bulk job when there are many, and by id.

Belongs here: which way to read, and going on where the vendor lost its place. Does not belong here:
which rows to read when (``extract.py``, ``completeness.py``).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec

from q2c_pipeline.core.errors import RequestRejected
from q2c_pipeline.core.extraction import Progress
from q2c_pipeline.core.landing import Load
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.crm.salesforce import soql
from q2c_pipeline.defs.crm.salesforce.bulk import BulkPolicy, BulkQuery, JobRefused, is_readable
from q2c_pipeline.defs.crm.salesforce.client import Page, SalesforceClient
from q2c_pipeline.defs.crm.salesforce.objects import SYSTEM, SalesforceObject

IDS_PER_QUERY = 200
"""With their quotes and commas escaped, some 6,000 of the 16,384 characters of a URL."""


class _Presence(msgspec.Struct):
    Id: str
    IsDeleted: bool = False


class ShownIds(NamedTuple):
    """The ids of all rows that the organisation shows."""

    live: set[str]
    binned: set[str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One run's reading of one object; ``types`` by field name are those that describe tells."""

    store: RawStore
    client: SalesforceClient
    spec: SalesforceObject
    types: Mapping[str, str]
    fields: tuple[str, ...]
    run_id: str
    extracted_at: datetime
    progress: Progress
    bulk: BulkPolicy

    def load(self) -> AbstractContextManager[Load]:
        return self.store.load(
            SYSTEM, self.spec.name, self.client.organisation, self.run_id, self.extracted_at
        )

    def rows(self, since: datetime | None) -> Iterator[list[msgspec.Raw]]:
        """All rows, or those stamped since then, the recycle bin's included.

        Of all rows the number is asked first: to sort very many may take the vendor too long.
        """
        object = self.spec.vendor_name
        pages = self._resumed(
            lambda after: soql.window(self.spec, self.fields, since=since, after=after),
            stamp=self.spec.stamp,
            asked=f"{object} rows",
        )
        is_many = since is None and self._is_for_a_job(self.client.count(object))
        first = [] if is_many else [next(pages)]
        if is_many or self._is_for_a_job(first[0].total):
            job = BulkQuery(
                client=self.client,
                object=object,
                types=self.types,
                soql=soql.unordered(self.spec, self.fields, since=since),
                policy=self.bulk,
            )
            try:
                yield from job.rows()
                return
            except JobRefused:
                self.progress(f"Salesforce {self.spec.name}: no bulk job, reading page by page")
        for page in chain(first, pages):
            yield page.rows

    def chosen_rows(self, record_ids: Collection[str]) -> Iterator[list[msgspec.Raw]]:
        """The named rows, as far as they are shown."""
        ordered = sorted(record_ids)
        for start in range(0, len(ordered), IDS_PER_QUERY):
            query = soql.chosen(self.spec, self.fields, ordered[start : start + IDS_PER_QUERY])
            for page in self.client.pages(query, asked=f"{self.spec.vendor_name} rows by id"):
                yield page.rows

    def shown_ids(self) -> ShownIds:
        """Every id there is, live or in the recycle bin."""
        fields = ["Id", *(name for name in ("IsDeleted",) if name in self.types)]
        found = ShownIds(set(), set())
        pages = self._resumed(
            lambda after: soql.ids(self.spec, fields, after=after),
            stamp=None,
            asked=f"{self.spec.vendor_name} ids",
        )
        for page in pages:
            for row in page.rows:
                shown = msgspec.json.decode(row, type=_Presence)
                (found.binned if shown.IsDeleted else found.live).add(shown.Id)
        return found

    def _is_for_a_job(self, row_count: int) -> bool:
        return row_count > self.bulk.query_rows_max and is_readable(self.types, self.fields)

    def _resumed(
        self, query: Callable[[soql.Place | None], str], *, stamp: str | None, asked: str
    ) -> Iterator[Page]:
        """Pages in the order of the query's key; a lost cursor goes on after the last row."""
        place: soql.Place | None = None
        while True:
            last: msgspec.Raw | None = None
            try:
                for page in self.client.pages(query(place), asked=asked):
                    yield page
                    last = page.rows[-1] if page.rows else last
                return
            except RequestRejected as error:
                if error.code != "INVALID_QUERY_LOCATOR" or last is None:
                    raise
                place = soql.place_of(last, stamp)
