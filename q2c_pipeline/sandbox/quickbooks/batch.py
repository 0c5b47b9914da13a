"""Several operations in one request: each succeeds or fails alone.

Belongs here: the items, their faults and what tells them apart. Does not belong here: what an
operation does.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.entities import Entity, find_entity
from q2c_pipeline.sandbox.quickbooks.requests import REQUEST_ID_LENGTH_MAX
from q2c_pipeline.sandbox.quickbooks.wire import Payload, write
from q2c_pipeline.sandbox.quickbooks.writing.operations import VOID_BY_OPERATION

ITEMS_MAX = 30
OPERATIONS = ("create", "update", "delete")
FRAME = frozenset({"bId", "operation", "optionsData", "Query"})


class Operations(NamedTuple):
    """How an item is done: ``query`` gives a ``QueryResponse``, ``write`` the written record.

    ``write`` undoes whatever a fault interrupts.
    """

    query: Callable[[str], str]
    write: Callable[[Entity, Payload, Mapping[str, str]], Payload]


def run(body: Payload, request_id: str, operations: Operations) -> str:
    """The ``BatchItemResponse`` array. Raises ``Fault`` for what is no batch at all."""
    items = body.get("BatchItemRequest")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise faults.missing("BatchItemRequest")
    if len(items) > ITEMS_MAX:
        raise faults.too_many_items(ITEMS_MAX)
    answers = [_answer(item, request_id, operations) for item in items]
    return f"[{','.join(answers)}]"


def _answer(item: Payload, request_id: str, operations: Operations) -> str:
    name = write(item.get("bId", ""))
    try:
        return f'{{{_done(item, request_id, operations)},"bId":{name}}}'
    except faults.Fault as fault:
        return f'{{"Fault":{write(fault.content())},"bId":{name}}}'


def _done(item: Payload, request_id: str, operations: Operations) -> str:
    batch_id = item.get("bId")
    if not isinstance(batch_id, str) or not batch_id:
        raise faults.missing("bId")
    # An item is told from its repetition by both ids in one, which has a request id's length.
    if request_id and len(request_id + batch_id) > REQUEST_ID_LENGTH_MAX:
        raise faults.long_request_id(request_id + batch_id, REQUEST_ID_LENGTH_MAX)
    if "Query" in item:
        return f'"QueryResponse":{operations.query(str(item["Query"]))}'
    entity, record = _record(item)
    written = operations.write(entity, record, _options(item, entity, record))
    return f'"{entity.name}":{write(written)}'


def _record(item: Payload) -> tuple[Entity, Payload]:
    named: list[tuple[str, Any]] = [(key, item[key]) for key in item if key not in FRAME]
    if len(named) != 1 or not isinstance(named[0][1], dict):
        raise faults.missing("entity")
    entity = find_entity(named[0][0])
    if entity is None:
        raise faults.unsupported(named[0][0])
    return entity, named[0][1]


def _options(item: Payload, entity: Entity, record: Payload) -> dict[str, str]:
    """The item's wishes as a single request would have them in its address."""
    operation = str(item.get("operation", "")).casefold()
    extra = str(item.get("optionsData") or "")
    if operation not in OPERATIONS:
        raise faults.unsupported(f"batch {operation}")
    if operation == "create" and record.get("Id"):
        raise faults.invalid_id(str(record["Id"]))
    if operation != "create" and not record.get("Id"):
        raise faults.missing("Id")
    if extra.casefold() == "void" and entity.name in VOID_BY_OPERATION:
        return {"operation": "void"}
    return {"operation": operation, "include": extra}
