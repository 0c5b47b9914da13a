"""What the resources of the organisation as a whole answer: queries, descriptions, limits.

Belongs here: from request to answer. Does not belong here: paths, sessions and the shape of
refusals (``routes``), and single records, which have handlers of their own.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import conditions, describe, replication, soql
from q2c_pipeline.sandbox.salesforce.cursors import page_size
from q2c_pipeline.sandbox.salesforce.exchange import answer, row_writer, sobject_of, versioned_path
from q2c_pipeline.sandbox.salesforce.faults import malformed_query
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.usage import WINDOW

QUERY_JOBS_A_DAY = 10_000
RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")


async def root(organisation: Organisation, request: Request) -> Response:
    base = request.url.path.rstrip("/")
    return answer({name: f"{base}/{name}" for name in RESOURCES})


async def limits(organisation: Organisation, request: Request) -> Response:
    now = organisation.now()
    calls_max, calls_left = organisation.usage.calls_max, organisation.usage.remaining(now)
    jobs_left = QUERY_JOBS_A_DAY - organisation.jobs.created_since(now - WINDOW)
    return answer(
        {
            "DailyApiRequests": {"Max": calls_max, "Remaining": calls_left},
            "DailyBulkV2QueryJobs": {"Max": QUERY_JOBS_A_DAY, "Remaining": jobs_left},
        }
    )


async def query(organisation: Organisation, request: Request) -> Response:
    return _queried(organisation, request, include_deleted=False)


async def query_all(organisation: Organisation, request: Request) -> Response:
    return _queried(organisation, request, include_deleted=True)


async def query_more(organisation: Organisation, request: Request) -> Response:
    locator = request.path_params["locator"]
    page = organisation.cursors.later_page(
        locator, row_writer(organisation, request), now=organisation.sandbox.clock.now()
    )
    return answer(page)


async def list_objects(organisation: Organisation, request: Request) -> Response:
    base = versioned_path(request)
    objects = [describe.object_summary(sobject, base) for sobject in organisation.schema.objects()]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


async def object_outline(organisation: Organisation, request: Request) -> Response:
    sobject = sobject_of(organisation, request)
    summary = describe.object_summary(sobject, versioned_path(request))
    return answer({"objectDescribe": summary, "recentItems": []})


async def object_description(organisation: Organisation, request: Request) -> Response:
    sobject = sobject_of(organisation, request)
    changed_at = organisation.schema.changed_at(sobject)
    description = describe.object_description(sobject, versioned_path(request))
    tag = conditions.tag_of(msgspec.json.encode(description).decode())
    if conditions.is_unchanged(request.headers, changed_at, tag):
        return conditions.not_modified(changed_at, tag)
    return answer(description, headers=conditions.validators(changed_at, tag))


async def deleted(organisation: Organisation, request: Request) -> Response:
    sobject, asked = sobject_of(organisation, request), request.query_params
    start, end = asked.get("start", ""), asked.get("end", "")
    return answer(replication.deleted(organisation, sobject, start, end))


async def updated(organisation: Organisation, request: Request) -> Response:
    sobject, asked = sobject_of(organisation, request), request.query_params
    start, end = asked.get("start", ""), asked.get("end", "")
    return answer(replication.updated(organisation, sobject, start, end))


def _queried(organisation: Organisation, request: Request, *, include_deleted: bool) -> Response:
    text = request.query_params.get("q")
    if not text:
        raise malformed_query("A query string has to be specified")
    wanted = soql.parse(text)
    chosen, ordinals = organisation.found(wanted, include_deleted=include_deleted)
    if wanted.is_count:
        return answer({"totalSize": len(ordinals), "done": True, "records": []})
    page = organisation.cursors.first_page(
        chosen,
        ordinals,
        row_writer(organisation, request),
        page_size=page_size(request.headers.get("Sforce-Query-Options")),
        include_deleted=include_deleted,
        now=organisation.sandbox.clock.now(),
    )
    return answer(page)
