"""Large readings: a query as a job of the vendor's, fetched as CSV, told as JSON.

Belongs here: a job's life, its result pages, and which objects a job can read. Does not belong
here: when a job is worth it (``reading.py``) and how a cell becomes a value (``csv_rows.py``).
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from q2c_pipeline.core.errors import RecordNotFound, RequestRejected, ServiceUnavailable
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.csv_rows import READABLE_TYPES, CutOff, rows_of

RESULT_PAGE_ROWS = 50_000
JOB_SECONDS_MAX = 1_800.0
PAGE_ATTEMPTS_MAX = 3
LAST_LOCATOR = "null"
REFUSALS = frozenset({"API_ERROR", "FEATURENOTENABLED", "INVALIDENTITY", "INVALIDJOB"})
ENDED_BADLY = frozenset({"Aborted", "Failed"})


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


def read_job(
    client: SalesforceClient, object: str, types: Mapping[str, str], soql: str
) -> Iterator[list[msgspec.Raw]]:
    """Pages of all rows that the query finds, those in the recycle bin included, in any order.

    Raises: JobRefused before the first page; ServiceUnavailable when a page or the whole lacks
    rows, or when the job takes too long.
    """
    job = _created(client, object, soql)
    path = f"{client.root}/jobs/query/{job.id}"
    try:
        job = _ended(client, object, job)
        read = 0
        for rows in _result_pages(client, object, types, path):
            yield rows
            read += len(rows)
        if job.numberRecordsProcessed not in (None, read):
            raise ServiceUnavailable(
                f"Salesforce organisation {client.organisation}: the job for {object} found"
                f" {job.numberRecordsProcessed} rows and gave {read}. Nothing was taken; run again"
            )
    finally:
        _forget(client, object, path)


def _created(client: SalesforceClient, object: str, soql: str) -> _Job:
    order = {
        "operation": "queryAll",
        "query": soql,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }
    try:
        return client.api.post_json(
            f"{client.root}/jobs/query",
            order,
            asked=f"a job that reads {object}",
            answer=_Job,
            is_repeatable=True,
        )
    except RecordNotFound as error:
        raise JobRefused from error
    except RequestRejected as error:
        if error.code in REFUSALS:
            raise JobRefused from error
        raise


def _ended(client: SalesforceClient, object: str, job: _Job) -> _Job:
    """The job once it is complete, asked after at growing intervals."""
    policy = client.retry
    deadline = policy.clock() + JOB_SECONDS_MAX
    wait_seconds = policy.first_wait_seconds
    while job.state != "JobComplete":
        if job.state in ENDED_BADLY:
            raise JobRefused(job.errorMessage)
        if policy.clock() > deadline:
            raise ServiceUnavailable(
                f"Salesforce organisation {client.organisation}: the job for {object} is still"
                f" {job.state} after {JOB_SECONDS_MAX / 60:.0f} minutes. Run again at a quiet hour"
            )
        policy.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, policy.wait_seconds_max)
        job = client.api.get(
            f"{client.root}/jobs/query/{job.id}",
            asked=f"the state of the job for {object}",
            answer=_Job,
        )
    return job


def _result_pages(
    client: SalesforceClient, object: str, types: Mapping[str, str], path: str
) -> Iterator[list[msgspec.Raw]]:
    locator: str | None = None
    while locator != LAST_LOCATOR:
        rows, locator = _result_page(client, object, types, path, locator)
        yield rows


def _result_page(
    client: SalesforceClient, object: str, types: Mapping[str, str], path: str, locator: str | None
) -> tuple[list[msgspec.Raw], str]:
    """One page, whole, and the locator of the next; a page that lacks rows is fetched again."""
    place = {"locator": locator} if locator else {}
    for _ in range(PAGE_ATTEMPTS_MAX):
        answer = client.api.get_bytes(
            f"{path}/results",
            params={"maxRecords": str(RESULT_PAGE_ROWS), **place},
            asked=f"{object} rows of a job",
            media_type="text/csv",
        )
        try:
            rows = rows_of(answer.content, object, types, root=client.root)
        except CutOff:
            continue
        if answer.headers.get("Sforce-NumberOfRecords") in (None, str(len(rows))):
            return rows, answer.headers.get("Sforce-Locator", LAST_LOCATOR)
    raise ServiceUnavailable(
        f"Salesforce organisation {client.organisation}: a page of {object} rows came"
        f" {PAGE_ATTEMPTS_MAX} times with fewer rows than it says. Nothing was taken; run again"
    )


def _forget(client: SalesforceClient, object: str, path: str) -> None:
    """Removes the job and its results; one that cannot be removed ends by itself after a week."""
    try:
        client.api.delete(path, asked=f"the end of the job for {object}")
    except RequestRejected:
        return
