"""What handlers share: from a request to what it names, and from content to its answer.

Belongs here: bodies, paths, the rows of an answer. Does not belong here: any one resource.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import writes
from q2c_pipeline.sandbox.salesforce.faults import malformed_body, resource_not_found
from q2c_pipeline.sandbox.salesforce.ids import normalised
from q2c_pipeline.sandbox.salesforce.organisation import Organisation
from q2c_pipeline.sandbox.salesforce.rows import RowWriter, Selection, selection
from q2c_pipeline.sandbox.salesforce.schema import SObject

Body = TypeVar("Body")

ALLOW_SAVE_FORM = re.compile(r"\ballowSave\s*=\s*true\b", re.IGNORECASE)


def answer(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON in which a number keeps the text it was stored with."""
    body = msgspec.json.encode(content)
    return Response(body, status, headers, media_type="application/json;charset=UTF-8")


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


def manners(request: Request) -> writes.Manners:
    """How the request's headers want it written."""
    rule = request.headers.get("Sforce-Duplicate-Rule-Header", "")
    return writes.Manners(saves_duplicates=ALLOW_SAVE_FORM.search(rule) is not None)


def sobject_of(organisation: Organisation, request: Request) -> SObject:
    """The object that the path names.

    Raises ``Refusal`` (NOT_FOUND).
    """
    sobject = organisation.schema.find(request.path_params["object"])
    if sobject is None:
        raise resource_not_found()
    return sobject


def versioned_path(request: Request) -> str:
    """Where resources begin, in the version of the request."""
    return f"/services/data/v{request.path_params['version']}"


def row_writer(organisation: Organisation, request: Request) -> RowWriter:
    """Writes rows whose addresses are in the version of the request."""
    return RowWriter(organisation.store, organisation.id, request.path_params["version"])


def selected(organisation: Organisation, sobject: SObject, names: Iterable[str]) -> Selection:
    """Raises ``Refusal`` for a field that the object does not have."""
    paths = [tuple(name.strip().split(".")) for name in names]
    return selection(organisation.schema, sobject, paths)


def living_row(
    organisation: Organisation, writer: RowWriter, chosen: Selection, record_id: str
) -> dict[str, Any] | None:
    """The record as the selection shows it; None if it is not there, or deleted."""
    found = organisation.record(chosen.sobject, normalised(record_id))
    if found is None or found[1]:
        return None
    return writer.row_of(chosen, found[0], is_deleted=False)
