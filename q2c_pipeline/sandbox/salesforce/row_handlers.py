"""What the resources of single records answer.

Belongs here: from request to answer. Does not belong here: what a write means (``writes``). It
commits before its answer is made.
"""

from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import conditions, writes
from q2c_pipeline.sandbox.salesforce.exchange import (
    answer,
    decoded,
    living_row,
    manners,
    row_writer,
    selected,
    sobject_of,
    versioned_path,
)
from q2c_pipeline.sandbox.salesforce.faults import Refusal, malformed_id, resource_not_found
from q2c_pipeline.sandbox.salesforce.ids import has_id_form
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.schema import RECORD
from q2c_pipeline.sandbox.salesforce.search import exact_matches
from q2c_pipeline.sandbox.store import StoredRecord

TAGGED_OBJECT = "Account"
"""The one object whose rows have entity tags."""


async def create(organisation: Organisation, request: Request) -> Response:
    sobject, body = sobject_of(organisation, request), await decoded(request, RECORD)
    with organisation.changes():
        record_id = writes.create(organisation, sobject, body, manners(request))
    location = f"{versioned_path(request)}/sobjects/{sobject.name}/{record_id}"
    return answer(
        {"id": record_id, "success": True, "errors": []},
        status=201,
        headers={"Location": location},
    )


async def read(organisation: Organisation, request: Request) -> Response:
    return _shown(organisation, request, request.path_params["record_id"])


async def update(organisation: Organisation, request: Request) -> Response:
    sobject, body = sobject_of(organisation, request), await decoded(request, RECORD)
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
    sobject = sobject_of(organisation, request)
    with organisation.changes():
        writes.delete(organisation, sobject, request.path_params["record_id"])
    return Response(status_code=204)


async def read_by_key(organisation: Organisation, request: Request) -> Response:
    matches = _by_key(organisation, request)
    if len(matches) > 1:
        return _several(request, matches)
    return _shown(organisation, request, matches[0])


async def delete_by_key(organisation: Organisation, request: Request) -> Response:
    sobject, matches = sobject_of(organisation, request), _by_key(organisation, request)
    if len(matches) > 1:
        return _several(request, matches)
    with organisation.changes():
        writes.delete(organisation, sobject, matches[0])
    return Response(status_code=204)


async def upsert(organisation: Organisation, request: Request) -> Response:
    sobject, body = sobject_of(organisation, request), await decoded(request, RECORD)
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


def _shown(organisation: Organisation, request: Request, record_id: str) -> Response:
    sobject, names = sobject_of(organisation, request), request.query_params.get("fields")
    wanted = names.split(",") if names else [field.name for field in sobject.fields.values()]
    chosen = selected(organisation, sobject, wanted)
    row = living_row(organisation, row_writer(organisation, request), chosen, record_id)
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
    sobject = sobject_of(organisation, request)
    key = writes.external_id_field(sobject, request.path_params["field"])
    value = request.path_params["value"]
    matches = exact_matches(organisation.store, organisation.id, sobject, key, value)
    if not matches:
        raise resource_not_found()
    return matches


def _several(request: Request, record_ids: list[str]) -> Response:
    """Status 300, with the address of each record that an external id names."""
    base = f"{versioned_path(request)}/sobjects/{request.path_params['object']}"
    return answer([f"{base}/{record_id}" for record_id in record_ids], status=300)
