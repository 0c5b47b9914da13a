"""What each REST resource answers.

Belongs here: from request to answer. Does not belong here: paths, sessions and the shape of
refusals (``routes``). A write commits before its answer is made.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import composite, conditions, describe, soql, writes
from q2c_pipeline.sandbox.salesforce.cursors import page_size
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    malformed_body,
    malformed_id,
    malformed_query,
    resource_not_found,
)
from q2c_pipeline.sandbox.salesforce.ids import has_id_form, normalised
from q2c_pipeline.sandbox.salesforce.organisation import (
    API_REQUESTS_A_DAY,
    Organisation,
    Record,
)
from q2c_pipeline.sandbox.salesforce.rows import RowWriter, Selection, selection
from q2c_pipeline.sandbox.salesforce.schema import RECORD, SObject

Body = TypeVar("Body")

GET_MANY_MAX = 2000
RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")

COLLECTION_BODY = msgspec.json.Decoder(composite.CollectionBody)


class GetManyBody(msgspec.Struct):
    ids: list[str]
    fields: list[str]


GET_MANY_BODY = msgspec.json.Decoder(GetManyBody)


def answer(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON in which a number keeps the text it was stored with."""
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json;charset=UTF-8")


async def root(organisation: Organisation, request: Request) -> Response:
    base = request.url.path.rstrip("/")
    return answer({name: f"{base}/{name}" for name in RESOURCES})


async def limits(organisation: Organisation, request: Request) -> Response:
    remaining = max(API_REQUESTS_A_DAY - organisation.api_requests, 0)
    return answer({"DailyApiRequests": {"Max": API_REQUESTS_A_DAY, "Remaining": remaining}})


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
    base = _versioned_path(request)
    objects = [describe.object_summary(sobject, base) for sobject in organisation.schema.objects()]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


async def object_outline(organisation: Organisation, request: Request) -> Response:
    sobject = _object(organisation, request)
    summary = describe.object_summary(sobject, _versioned_path(request))
    return answer({"objectDescribe": summary, "recentItems": []})


async def object_description(organisation: Organisation, request: Request) -> Response:
    sobject = _object(organisation, request)
    changed_at = organisation.schema.changed_at(sobject)
    if conditions.is_unchanged(request.headers, changed_at):
        return conditions.not_modified(changed_at)
    return answer(
        describe.object_description(sobject, _versioned_path(request)),
        headers=conditions.validators(changed_at),
    )


async def create(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _record_body(request)
    with organisation.sandbox.changes():
        record_id = writes.create(organisation, sobject, body)
    return answer({"id": record_id, "success": True, "errors": []}, status=201)


async def read(organisation: Organisation, request: Request) -> Response:
    sobject, record_id = _object(organisation, request), request.path_params["record_id"]
    return _shown(organisation, request, sobject, record_id)


async def update(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _record_body(request)
    with organisation.sandbox.changes():
        writes.update(organisation, sobject, request.path_params["record_id"], body)
    return Response(status_code=204)


async def delete(organisation: Organisation, request: Request) -> Response:
    sobject = _object(organisation, request)
    with organisation.sandbox.changes():
        writes.delete(organisation, sobject, request.path_params["record_id"])
    return Response(status_code=204)


async def upsert(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _record_body(request)
    key = writes.external_id_field(sobject, request.path_params["field"])
    if key.name.lower() in map(str.lower, body):
        raise Refusal(
            "INVALID_FIELD",
            f"The {key.name} field should not be specified in the sobject data.",
            fields=(key.name,),
        )
    try:
        with organisation.sandbox.changes():
            record_id, is_created = writes.upsert(
                organisation,
                sobject,
                key,
                request.path_params["value"],
                body,
                update_only=request.query_params.get("updateOnly") == "true",
            )
    except writes.SeveralMatch as several:
        base = _versioned_path(request)
        urls = [f"{base}/sobjects/{sobject.name}/{match}" for match in several.record_ids]
        return answer(urls, status=several.status)
    result = {"id": record_id, "success": True, "errors": [], "created": is_created}
    return answer(result, status=201 if is_created else 200)


async def create_all(organisation: Organisation, request: Request) -> Response:
    return answer(composite.create_all(organisation, await _collection_body(request)))


async def update_all(organisation: Organisation, request: Request) -> Response:
    return answer(composite.update_all(organisation, await _collection_body(request)))


async def upsert_all(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _collection_body(request)
    key = writes.external_id_field(sobject, request.path_params["field"])
    return answer(composite.upsert_all(organisation, sobject, key, body))


async def delete_all(organisation: Organisation, request: Request) -> Response:
    record_ids = list(filter(None, request.query_params.get("ids", "").split(",")))
    if not record_ids:
        raise Refusal("MISSING_ARGUMENT", "The ids parameter is required")
    all_or_none = request.query_params.get("allOrNone", "").lower() == "true"
    return answer(composite.delete_all(organisation, record_ids, all_or_none=all_or_none))


async def read_many(organisation: Organisation, request: Request) -> Response:
    """Null in the place of each id that is unknown or deleted."""
    sobject = _object(organisation, request)
    body = await decoded(request, GET_MANY_BODY)
    if len(body.ids) > GET_MANY_MAX:
        raise Refusal("EXCEEDED_ID_LIMIT", f"cannot retrieve more than {GET_MANY_MAX} records")
    chosen = _selected(organisation, sobject, ["Id", *body.fields])
    writer = row_writer(organisation, request)
    rows = [_row(organisation, writer, chosen, record_id) for record_id in body.ids]
    return answer(rows)


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


def _shown(
    organisation: Organisation, request: Request, sobject: SObject, record_id: str
) -> Response:
    names = request.query_params.get("fields")
    wanted = names.split(",") if names else [field.name for field in sobject.fields.values()]
    chosen = _selected(organisation, sobject, wanted)
    row = _row(organisation, row_writer(organisation, request), chosen, record_id)
    if row is None:
        raise resource_not_found() if has_id_form(record_id) else malformed_id(record_id)
    return answer(row)


def _row(
    organisation: Organisation, writer: RowWriter, chosen: Selection, record_id: str
) -> dict[str, Any] | None:
    found = organisation.record(chosen.sobject, normalised(record_id))
    if found is None or found[1]:
        return None
    return writer.row_of(chosen, found[0], is_deleted=False)


def _selected(organisation: Organisation, sobject: SObject, names: Iterable[str]) -> Selection:
    paths = [tuple(name.strip().split(".")) for name in names]
    return selection(organisation.schema, sobject, paths)


def _object(organisation: Organisation, request: Request) -> SObject:
    sobject = organisation.schema.find(request.path_params["object"])
    if sobject is None:
        raise resource_not_found()
    return sobject


def row_writer(organisation: Organisation, request: Request) -> RowWriter:
    """Writes rows whose addresses are in the version of the request."""
    return RowWriter(organisation.store, organisation.id, request.path_params["version"])


def _versioned_path(request: Request) -> str:
    return f"/services/data/v{request.path_params['version']}"


async def _record_body(request: Request) -> Record:
    return await decoded(request, RECORD)


async def _collection_body(request: Request) -> composite.CollectionBody:
    return await decoded(request, COLLECTION_BODY)


async def decoded(request: Request, decoder: msgspec.json.Decoder[Body]) -> Body:
    """The request's body.

    Raises ``Refusal`` (JSON_PARSER_ERROR).
    """
    body = await request.body()
    try:
        # Values taken as they stand are not looked into, so the whole is checked beforehand.
        msgspec.json.decode(body)
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed_body(str(error)) from error
