"""What each REST resource answers.

Belongs here: from request to answer. Does not belong here: paths, sessions and the shape of
refusals (``routes``). A write commits before its answer is made.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import (
    composite,
    conditions,
    describe,
    replication,
    soql,
    writes,
)
from q2c_pipeline.sandbox.salesforce.cursors import page_size
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    malformed_body,
    malformed_id,
    malformed_query,
    resource_not_found,
)
from q2c_pipeline.sandbox.salesforce.ids import has_id_form, normalised
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import RowWriter, Selection, selection
from q2c_pipeline.sandbox.salesforce.schema import RECORD, SObject
from q2c_pipeline.sandbox.salesforce.search import exact_matches
from q2c_pipeline.sandbox.salesforce.usage import WINDOW
from q2c_pipeline.sandbox.store import StoredRecord

Body = TypeVar("Body")

ALLOW_SAVE_FORM = re.compile(r"\ballowSave\s*=\s*true\b", re.IGNORECASE)
GET_MANY_MAX = 2000
QUERY_JOBS_A_DAY = 10_000
TAGGED_OBJECT = "Account"
"""The one object whose rows have entity tags."""

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
    description = describe.object_description(sobject, _versioned_path(request))
    tag = conditions.tag_of(msgspec.json.encode(description).decode())
    if conditions.is_unchanged(request.headers, changed_at, tag):
        return conditions.not_modified(changed_at, tag)
    return answer(description, headers=conditions.validators(changed_at, tag))


async def deleted(organisation: Organisation, request: Request) -> Response:
    sobject, asked = _object(organisation, request), request.query_params
    start, end = asked.get("start", ""), asked.get("end", "")
    return answer(replication.deleted(organisation, sobject, start, end))


async def updated(organisation: Organisation, request: Request) -> Response:
    sobject, asked = _object(organisation, request), request.query_params
    start, end = asked.get("start", ""), asked.get("end", "")
    return answer(replication.updated(organisation, sobject, start, end))


async def create(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _record_body(request)
    with organisation.changes():
        record_id = writes.create(organisation, sobject, body, manners(request))
    location = f"{_versioned_path(request)}/sobjects/{sobject.name}/{record_id}"
    return answer(
        {"id": record_id, "success": True, "errors": []},
        status=201,
        headers={"Location": location},
    )


async def read(organisation: Organisation, request: Request) -> Response:
    return _shown(organisation, request, request.path_params["record_id"])


async def update(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _record_body(request)
    record_id = request.path_params["record_id"]
    with organisation.changes():
        standing = organisation.stored(sobject, record_id)
        if standing is not None:
            conditions.check_precondition(
                request.headers, standing.updated_at, _entity_tag(standing)
            )
        writes.update(organisation, sobject, record_id, body, manners(request))
    return Response(status_code=204)


async def delete(organisation: Organisation, request: Request) -> Response:
    sobject = _object(organisation, request)
    with organisation.changes():
        writes.delete(organisation, sobject, request.path_params["record_id"])
    return Response(status_code=204)


async def read_by_key(organisation: Organisation, request: Request) -> Response:
    matches = _by_key(organisation, request)
    if len(matches) > 1:
        return _several(request, matches)
    return _shown(organisation, request, matches[0])


async def delete_by_key(organisation: Organisation, request: Request) -> Response:
    sobject, matches = _object(organisation, request), _by_key(organisation, request)
    if len(matches) > 1:
        return _several(request, matches)
    with organisation.changes():
        writes.delete(organisation, sobject, matches[0])
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
        with organisation.changes():
            record_id, is_created = writes.upsert(
                organisation,
                sobject,
                key,
                request.path_params["value"],
                body,
                manners(request),
                update_only=request.query_params.get("updateOnly") == "true",
            )
    except writes.SeveralMatch as several:
        return _several(request, several.record_ids)
    result = {"id": record_id, "success": True, "errors": [], "created": is_created}
    return answer(result, status=201 if is_created else 200)


async def create_all(organisation: Organisation, request: Request) -> Response:
    return answer(
        composite.create_all(organisation, await _collection_body(request), manners(request))
    )


async def update_all(organisation: Organisation, request: Request) -> Response:
    return answer(
        composite.update_all(organisation, await _collection_body(request), manners(request))
    )


async def upsert_all(organisation: Organisation, request: Request) -> Response:
    sobject, body = _object(organisation, request), await _collection_body(request)
    key = writes.external_id_field(sobject, request.path_params["field"])
    return answer(composite.upsert_all(organisation, sobject, key, body, manners(request)))


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


def manners(request: Request) -> writes.Manners:
    """How the request's headers want it written."""
    rule = request.headers.get("Sforce-Duplicate-Rule-Header", "")
    return writes.Manners(saves_duplicates=ALLOW_SAVE_FORM.search(rule) is not None)


def _shown(organisation: Organisation, request: Request, record_id: str) -> Response:
    sobject, names = _object(organisation, request), request.query_params.get("fields")
    wanted = names.split(",") if names else [field.name for field in sobject.fields.values()]
    chosen = _selected(organisation, sobject, wanted)
    row = _row(organisation, row_writer(organisation, request), chosen, record_id)
    standing = organisation.stored(sobject, record_id)
    if row is None or standing is None:
        raise resource_not_found() if has_id_form(record_id) else malformed_id(record_id)
    changed_at, tag = standing.updated_at, _entity_tag(standing)
    if conditions.is_unchanged(request.headers, changed_at, tag):
        return conditions.not_modified(changed_at, tag)
    return answer(row, headers=conditions.validators(changed_at, tag))


def _entity_tag(standing: StoredRecord) -> str | None:
    return conditions.tag_of(standing.payload) if standing.object == TAGGED_OBJECT else None


def _by_key(organisation: Organisation, request: Request) -> list[str]:
    """The ids of the records that the path's external id names, one at least."""
    sobject = _object(organisation, request)
    key = writes.external_id_field(sobject, request.path_params["field"])
    value = request.path_params["value"]
    matches = exact_matches(organisation.store, organisation.id, sobject, key, value)
    if not matches:
        raise resource_not_found()
    return matches


def _several(request: Request, record_ids: list[str]) -> Response:
    """Status 300, with the address of each record that an external id names."""
    base = f"{_versioned_path(request)}/sobjects/{request.path_params['object']}"
    return answer([f"{base}/{record_id}" for record_id in record_ids], status=300)


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
