"""What a request says: its realm, entity, exceptions and body.

Belongs here: parameters in, values or faults out. Does not belong here: what is done with them.
"""

from starlette.requests import Request

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.entities import Entity, find_entity
from q2c_pipeline.sandbox.quickbooks.wire import Payload, parse

REQUEST_ID_LENGTH_MAX = 50


def realm_of(request: Request) -> str:
    return str(request.path_params["realm_id"])


def entity_of(request: Request) -> Entity:
    entity = find_entity(request.path_params["entity"])
    if entity is None:
        raise faults.unsupported(request.path_params["entity"])
    return entity


def included(request: Request) -> frozenset[str]:
    """The exceptions and extras that ``include`` asks for, in lower case."""
    asked = request.query_params.get("include", "").casefold().split(",")
    return frozenset(name.strip() for name in asked if name.strip())


def request_id_of(request: Request) -> str:
    """What tells a repetition from a new wish; empty if the client sent none."""
    request_id = request.query_params.get("requestid", "")
    if len(request_id) > REQUEST_ID_LENGTH_MAX:
        raise faults.long_request_id(request_id, REQUEST_ID_LENGTH_MAX)
    return request_id


async def body_of(request: Request) -> Payload:
    """The body's JSON object. Raises ``Fault`` 2010 for anything else."""
    try:
        content = parse(await request.body())
    except ValueError as error:
        raise faults.not_json() from error
    if not isinstance(content, dict):
        raise faults.not_json()
    return content
