"""What each resource of Bulk API 2.0 ingest answers.

Belongs here: from request to answer. Does not belong here: jobs themselves.
"""

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import writes
from q2c_pipeline.sandbox.salesforce.bulk_ingest import UPSERT, IngestJob
from q2c_pipeline.sandbox.salesforce.bulk_jobs import ABORTED, OPEN, UPLOAD_COMPLETE, invalid_state
from q2c_pipeline.sandbox.salesforce.bulk_query_handlers import STATE_BODY, checked_dialect
from q2c_pipeline.sandbox.salesforce.exchange import answer, decoded
from q2c_pipeline.sandbox.salesforce.faults import Refusal, malformed_body
from q2c_pipeline.sandbox.salesforce.ids import next_id
from q2c_pipeline.sandbox.salesforce.organisation import Organisation

UPLOAD_BYTES_MAX = 150 * 1024 * 1024


class IngestJobBody(msgspec.Struct, rename="camel"):
    object: str
    operation: Literal["insert", "update", "upsert", "delete", "hardDelete"]
    external_id_field_name: str = ""
    content_type: Literal["CSV"] = "CSV"
    column_delimiter: str = "COMMA"
    line_ending: str = "LF"


INGEST_JOB_BODY = msgspec.json.Decoder(IngestJobBody)


async def create(organisation: Organisation, request: Request) -> Response:
    body = await decoded(request, INGEST_JOB_BODY)
    sobject = organisation.schema.find(body.object)
    if sobject is None:
        raise Refusal("INVALIDENTITY", f"Unable to find object: {body.object}")
    if body.operation == UPSERT and not body.external_id_field_name:
        raise malformed_body("externalIdFieldName is required for an upsert")
    is_upsert = body.operation == UPSERT
    key = writes.external_id_field(sobject, body.external_id_field_name) if is_upsert else None
    version = request.path_params["version"]
    with organisation.changes():
        job_id = next_id(organisation.store, "BulkJob")
    job = IngestJob(
        id=job_id,
        operation=body.operation,
        object=sobject.name,
        version=version,
        dialect=checked_dialect(body.column_delimiter, body.line_ending),
        created_at=organisation.now(),
        state=OPEN,
        sobject=sobject,
        key=key,
    )
    organisation.jobs.keep(job)
    content_url = f"services/data/v{version}/jobs/ingest/{job.id}/batches"
    return answer({**job.outline(), "contentUrl": content_url})


async def list_all(organisation: Organisation, request: Request) -> Response:
    jobs = organisation.jobs.all(IngestJob, now=organisation.now())
    records = [job.outline() | {"jobType": "V2Ingest"} for job in jobs]
    return answer({"done": True, "records": records, "nextRecordsUrl": None})


async def upload(organisation: Organisation, request: Request) -> Response:
    job, content = _job(organisation, request), await request.body()
    if len(content) > UPLOAD_BYTES_MAX:
        raise Refusal("FILE_SIZE_LIMIT_EXCEEDED", "an upload may not exceed 150 MB", status=413)
    try:
        job.take(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise malformed_body("the upload is not UTF-8") from error
    return Response(status_code=201)


async def change_state(organisation: Organisation, request: Request) -> Response:
    job, wanted = _job(organisation, request), await decoded(request, STATE_BODY)
    if wanted.state == UPLOAD_COMPLETE:
        job.close(organisation.now())
    elif wanted.state == ABORTED:
        job.abort(organisation.now())
    else:
        raise invalid_state(f"An ingest job cannot be set to {wanted.state}")
    return answer(job.outline())


async def show(organisation: Organisation, request: Request) -> Response:
    job = _job(organisation, request)
    job.move_on(organisation)
    return answer(job.description())


async def successful(organisation: Organisation, request: Request) -> Response:
    return _csv(_job(organisation, request).successful())


async def failed(organisation: Organisation, request: Request) -> Response:
    return _csv(_job(organisation, request).failed())


async def unprocessed(organisation: Organisation, request: Request) -> Response:
    return _csv(_job(organisation, request).unprocessed())


async def delete(organisation: Organisation, request: Request) -> Response:
    organisation.jobs.remove(_job(organisation, request))
    return Response(status_code=204)


def _csv(text: str) -> Response:
    return Response(text, media_type="text/csv")


def _job(organisation: Organisation, request: Request) -> IngestJob:
    return organisation.jobs.job(
        IngestJob,
        request.path_params["job_id"],
        version=request.path_params["version"],
        now=organisation.now(),
    )
