"""What the resources of record collections answer.

Belongs here: from request to answer. Does not belong here: items and their results
(``composite``).
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from q2c_pipeline.sandbox.salesforce import composite, writes
from q2c_pipeline.sandbox.salesforce.exchange import (
    answer,
    decoded,
    living_row,
    manners,
    row_writer,
    selected,
    sobject_of,
)
from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.organisation import Organisation

GET_MANY_MAX = 2000

COLLECTION_BODY = msgspec.json.Decoder(composite.CollectionBody)


class GetManyBody(msgspec.Struct):
    ids: list[str]
    fields: list[str]


GET_MANY_BODY = msgspec.json.Decoder(GetManyBody)


async def create_all(organisation: Organisation, request: Request) -> Response:
    return answer(
        composite.create_all(
            organisation, await decoded(request, COLLECTION_BODY), manners(request)
        )
    )


async def update_all(organisation: Organisation, request: Request) -> Response:
    return answer(
        composite.update_all(
            organisation, await decoded(request, COLLECTION_BODY), manners(request)
        )
    )


async def upsert_all(organisation: Organisation, request: Request) -> Response:
    sobject, body = sobject_of(organisation, request), await decoded(request, COLLECTION_BODY)
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
    sobject = sobject_of(organisation, request)
    body = await decoded(request, GET_MANY_BODY)
    if len(body.ids) > GET_MANY_MAX:
        raise Refusal("EXCEEDED_ID_LIMIT", f"cannot retrieve more than {GET_MANY_MAX} records")
    chosen = selected(organisation, sobject, ["Id", *body.fields])
    writer = row_writer(organisation, request)
    rows = [living_row(organisation, writer, chosen, record_id) for record_id in body.ids]
    return answer(rows)
