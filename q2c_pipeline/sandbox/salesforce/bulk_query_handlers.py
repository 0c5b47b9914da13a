"""What each resource of Bulk API 2.0 queries answers.

Belongs here: from request to answer. Does not belong here: jobs themselves.
"""

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import soql
from q2c_pipeline.sandbox.salesforce.bulk_csv import DELIMITERS, LINE_ENDINGS, Dialect
from q2c_pipeline.sandbox.salesforce.bulk_jobs import ABORTED, invalid_state
from q2c_pipeline.sandbox.salesforce.bulk_query import QueryJob, query_job
from q2c_pipeline.sandbox.salesforce.exchange import answer, decoded, row_writer
from q2c_pipeline.sandbox.salesforce.faults import malformed_body
from q2c_pipeline.sandbox.salesforce.ids import next_id
from q2c_pipeline.sandbox.salesforce.organisation import Organisation

NO_LOCATOR = "null"


class QueryJobBody(msgspec.Struct, rename="camel"):
    operation: Literal["query", "queryAll"]
    query: str
    content_type: Literal["CSV"] = "CSV"
    column_delimiter: str = "COMMA"
    line_ending: str = "LF"


class StateBody(msgspec.Struct):
    state: str


QUERY_JOB_BODY = msgspec.json.Decoder(QueryJobBody)
STATE_BODY = msgspec.json.Decoder(StateBody)


async def create_query(organisation: Organisation, request: Request) -> Response:
    body = await decoded(request, QUERY_JOB_BODY)
    wanted = soql.parse(body.query)
    dialect = checked_dialect(body.column_delimiter, body.line_ending)
    with organisation.changes():
        job = query_job(
            organisation,
            wanted,
            job_id=next_id(organisation.store, "BulkJob"),
            operation=body.operation,
            version=request.path_params["version"],
            dialect=dialect,
        )
    organisation.jobs.keep(job)
    return answer(job.outline())


async def list_queries(organisation: Organisation, request: Request) -> Response:
    jobs = organisation.jobs.all(QueryJob, now=organisation.now())
    records = [{**job.outline(), "jobType": "V2Query"} for job in jobs]
    return answer({"done": True, "records": records, "nextRecordsUrl": None})


async def show_query(organisation: Organisation, request: Request) -> Response:
    job = _query_job(organisation, request)
    job.move_on(row_writer(organisation, request), organisation.now())
    return answer(job.description())


async def query_results(organisation: Organisation, request: Request) -> Response:
    asked = request.query_params
    page = _query_job(organisation, request).page(asked.get("locator"), asked.get("maxRecords"))
    return Response(
        page.text,
        media_type="text/csv",
        headers={
            "Sforce-Locator": page.locator or NO_LOCATOR,
            "Sforce-NumberOfRecords": str(page.row_count),
        },
    )


async def abort_query(organisation: Organisation, request: Request) -> Response:
    job = _query_job(organisation, request)
    wanted = await decoded(request, STATE_BODY)
    if wanted.state != ABORTED:
        raise invalid_state(f"A query job cannot be set to {wanted.state}")
    job.abort(organisation.now())
    return answer(job.outline())


async def delete_query(organisation: Organisation, request: Request) -> Response:
    organisation.jobs.remove(_query_job(organisation, request))
    return Response(status_code=204)


def _query_job(organisation: Organisation, request: Request) -> QueryJob:
    return organisation.jobs.job(
        QueryJob,
        request.path_params["job_id"],
        version=request.path_params["version"],
        now=organisation.now(),
    )


def checked_dialect(delimiter: str, line_ending: str) -> Dialect:
    """Raises ``Refusal`` for a name that the vendor does not know."""
    if delimiter not in DELIMITERS:
        raise malformed_body(f"columnDelimiter must be one of {', '.join(DELIMITERS)}")
    if line_ending not in LINE_ENDINGS:
        raise malformed_body(f"lineEnding must be one of {', '.join(LINE_ENDINGS)}")
    return Dialect(delimiter, line_ending)
