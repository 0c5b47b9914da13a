"""Large readings: a query as a job of the vendor's, fetched as CSV, told as JSON.

Belongs here: a job's life, its result pages, and which objects a job can read. Does not belong
here: when a job is worth it (``reading.py``) and how a cell becomes a value (``csv_rows.py``).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from q2c_pipeline.core.errors import Q2CError, RequestRejected, ServiceUnavailable
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.csv_rows import READABLE_TYPES, CutOff, rows_of

PAGE_ATTEMPTS_MAX = 3
LAST_LOCATOR = "null"
REFUSALS = frozenset({"FEATURENOTENABLED", "INVALIDENTITY"})
ENDED_BADLY = frozenset({"Aborted", "Failed"})


@dataclass(frozen=True, kw_only=True)
class BulkPolicy:
    """When a job is worth its wait, how long that may be, and how its result is cut."""

    query_rows_max: int = 50_000
    page_rows: int = 50_000
    job_seconds_max: float = 1_800.0


class JobRefused(Exception):
    """The vendor does not read this query as a job; nothing has been read."""


class _Job(msgspec.Struct):
    id: str
    state: str
    numberRecordsProcessed: int | None = None
    errorMessage: str | None = None


def is_readable(types: Mapping[str, str], fields: Sequence[str]) -> bool:
    """Whether a job's CSV says of each field what a query's JSON says."""
    return all(types[name] in READABLE_TYPES for name in fields)


@dataclass(frozen=True, kw_only=True)
class BulkQuery:
    """One query of one object as a job; ``types`` of its fields by name."""

    client: SalesforceClient
    object: str
    types: Mapping[str, str]
    soql: str
    policy: BulkPolicy

    def rows(self) -> Iterator[list[msgspec.Raw]]:
        """Pages of all rows that the query finds, the recycle bin's included, in any order.

        Raises: JobRefused before the first page; ServiceUnavailable when a page or the whole lacks
        rows, or when the job takes too long.
        """
        job = self._ended(self._created())
        path = self._path(job)
        read = 0
        for rows in self._pages(path):
            yield rows
            read += len(rows)
        if job.numberRecordsProcessed not in (None, read):
            raise self._failed(f"found {job.numberRecordsProcessed} rows and gave {read}")
        with suppress(Q2CError):  # a job that stays is removed by the vendor after a week
            self.client.api.delete(path, asked=f"the end of the job for {self.object}")

    def _created(self) -> _Job:
        """A lost answer may leave a second job, which reads nothing and ends by itself."""
        order = {
            "operation": "queryAll",
            "query": self.soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        try:
            return self.client.api.post_json(
                f"{self.client.root}/jobs/query",
                order,
                asked=f"a job that reads {self.object}",
                answer=_Job,
                is_repeatable=True,
            )
        except RequestRejected as error:
            if error.code in REFUSALS:
                raise JobRefused from error
            raise

    def _ended(self, job: _Job) -> _Job:
        """The job once it is complete, asked after at growing intervals."""
        waits = self.client.retry
        deadline = waits.clock() + self.policy.job_seconds_max
        wait_seconds = waits.first_wait_seconds
        while job.state != "JobComplete":
            if job.state in ENDED_BADLY:
                raise JobRefused(job.errorMessage)
            if waits.clock() > deadline:
                raise self._failed(f"is still {job.state}")
            waits.sleep(wait_seconds)
            wait_seconds = min(wait_seconds * 2, waits.wait_seconds_max)
            job = self.client.api.get(
                self._path(job), asked=f"the state of the job for {self.object}", answer=_Job
            )
        return job

    def _pages(self, path: str) -> Iterator[list[msgspec.Raw]]:
        place = {"maxRecords": str(self.policy.page_rows)}
        while place.get("locator") != LAST_LOCATOR:
            rows, place["locator"] = self._page(path, place)
            yield rows

    def _page(self, path: str, place: Mapping[str, str]) -> tuple[list[msgspec.Raw], str]:
        """A whole page and the next one's locator; one that lacks rows is fetched again."""
        for _ in range(PAGE_ATTEMPTS_MAX):
            answer = self.client.api.get_bytes(
                f"{path}/results",
                params=place,
                asked=f"{self.object} rows of a job",
                media_type="text/csv",
            )
            try:
                rows = rows_of(answer.content, self.object, self.types, root=self.client.root)
            except CutOff:
                continue
            if answer.headers.get("Sforce-NumberOfRecords") in (None, str(len(rows))):
                return rows, answer.headers.get("Sforce-Locator", LAST_LOCATOR)
        raise self._failed(f"gave a page {PAGE_ATTEMPTS_MAX} times with fewer rows than it says")

    def _path(self, job: _Job) -> str:
        return f"{self.client.root}/jobs/query/{job.id}"

    def _failed(self, what: str) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"Salesforce organisation {self.client.organisation}: the job that reads"
            f" {self.object} {what}. Nothing of it was taken; run again at a quiet hour"
        )
