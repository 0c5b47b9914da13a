"""Lists of records in one request: each item has its own result, in request order.

Belongs here: bounds of a list, items, and the rollback of all for one. Does not belong here: what
one write means (``writes``).
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from q2c_pipeline.sandbox.salesforce import ids, writes
from q2c_pipeline.sandbox.salesforce.faults import Refusal, malformed_id
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import text_of
from q2c_pipeline.sandbox.salesforce.schema import Field, SObject

RECORDS_MAX = 200
CHUNKS_MAX = 10

Result = dict[str, Any]
Write = Callable[[], Result]


class CollectionBody(msgspec.Struct, rename="camel"):
    """The body of a collection request; each record keeps its exact text."""

    records: list[Record]
    all_or_none: bool = False


class _RolledBack(Exception):
    """Carries the results of the items out of the transaction that it undoes."""

    def __init__(self, results: list[Result]) -> None:
        self.results = results


def create_all(
    organisation: Organisation, body: CollectionBody, manners: writes.Manners
) -> list[Result]:
    def create(record: Record) -> Result:
        sobject = _object_of(organisation, record)
        return _success(writes.create(organisation, sobject, record, manners))

    _check_chunks([_type_of(record) for record in body.records])
    items = [partial(create, record) for record in body.records]
    return _carried_out(organisation, items, all_or_none=body.all_or_none)


def update_all(
    organisation: Organisation, body: CollectionBody, manners: writes.Manners
) -> list[Result]:
    def update(record: Record) -> Result:
        sobject = _object_of(organisation, record)
        record_id, values = _without_id(record)
        if record_id is None:
            raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call", fields=("Id",))
        if not ids.has_id_form(record_id):
            raise malformed_id(record_id)
        writes.update(organisation, sobject, record_id, values, manners)
        return _success(ids.normalised(record_id))

    _check_chunks([_type_of(record) for record in body.records])
    record_ids = [_without_id(record)[0] for record in body.records]
    items = [partial(update, record) for record in body.records]
    return _carried_out(organisation, _once_each(items, record_ids), all_or_none=body.all_or_none)


def upsert_all(
    organisation: Organisation,
    sobject: SObject,
    key: Field,
    body: CollectionBody,
    manners: writes.Manners,
) -> list[Result]:
    def upsert(record: Record) -> Result:
        if "attributes" not in record:
            raise Refusal(
                "JSON_PARSER_ERROR",
                "Nested object for polymorphic foreign key must have an attributes field before"
                " any other fields.",
            )
        if _type_of(record).lower() != sobject.name.lower():
            raise Refusal("INVALID_TYPE", f"all records must be of type {sobject.name}")
        values = {name: raw for name, raw in record.items() if name.lower() != key.name.lower()}
        value = _key_text(record, key)
        if value is None:
            raise Refusal("MISSING_ARGUMENT", f"{key.name} not specified", fields=(key.name,))
        record_id, is_created = writes.upsert(organisation, sobject, key, value, values, manners)
        return {**_success(record_id), "created": is_created}

    _check_chunks([sobject.name for _ in body.records])
    keys = [_key_text(record, key) for record in body.records]
    items = [partial(upsert, record) for record in body.records]
    results = _carried_out(organisation, _once_each(items, keys), all_or_none=body.all_or_none)
    return [{"created": False, **result} for result in results]


def delete_all(
    organisation: Organisation, record_ids: Sequence[str], *, all_or_none: bool
) -> list[Result]:
    def delete(record_id: str) -> Result:
        sobject = organisation.object_of_id(record_id)
        if sobject is None:
            raise malformed_id(record_id)
        writes.delete(organisation, sobject, record_id)
        return _success(ids.normalised(record_id))

    _check_chunks([ids.normalised(record_id)[:3] for record_id in record_ids])
    items = [partial(delete, record_id) for record_id in record_ids]
    return _carried_out(organisation, _once_each(items, record_ids), all_or_none=all_or_none)


def _carried_out(
    organisation: Organisation, items: Sequence[Write], *, all_or_none: bool
) -> list[Result]:
    try:
        with organisation.changes():
            results = [_result(item) for item in items]
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBack(results)
    except _RolledBack as undone:
        return [_rolled_back(result) for result in undone.results]
    return results


def _result(item: Write) -> Result:
    try:
        return item()
    except Refusal as refusal:
        return {"success": False, "errors": [refusal.item_error()]}


def _rolled_back(result: Result) -> Result:
    if not result["success"]:
        return result
    refusal = Refusal(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using"
        " AllOrNone header",
    )
    return {"success": False, "errors": [refusal.item_error()]}


def _once_each(items: Sequence[Write], keys: Sequence[str | None]) -> list[Write]:
    """The items, with a refusal in place of each whose key stands in the list twice."""
    known = [key and ids.normalised(key) for key in keys]

    def refuse(key: str | None) -> Result:
        raise Refusal("DUPLICATE_VALUE", f"duplicate id in list: {key}")

    return [
        partial(refuse, key) if key and known.count(key) > 1 else item
        for item, key in zip(items, known, strict=True)
    ]


def _check_chunks(types: Sequence[str]) -> None:
    if len(types) > RECORDS_MAX:
        raise Refusal(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {RECORDS_MAX} records into this call",
        )
    if len(list(groupby(types))) > CHUNKS_MAX:
        raise Refusal(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {CHUNKS_MAX} chunks in a single operation. Please rearrange"
            " the data to reduce chunking.",
        )


def _type_of(record: Record) -> str:
    attributes = record.get("attributes", msgspec.Raw(b"{}"))
    try:
        return str(msgspec.json.decode(attributes, type=dict[str, Any]).get("type", ""))
    except msgspec.ValidationError:
        return ""


def _object_of(organisation: Organisation, record: Record) -> SObject:
    name = _type_of(record)
    sobject = organisation.schema.find(name)
    if sobject is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return sobject


def _without_id(record: Record) -> tuple[str | None, Record]:
    values = {name: raw for name, raw in record.items() if name.lower() != "id"}
    given = [raw for name, raw in record.items() if name.lower() == "id"]
    return (text_of(given[0]) if given else None), values


def _key_text(record: Record, key: Field) -> str | None:
    given = [raw for name, raw in record.items() if name.lower() == key.name.lower()]
    if not given or bytes(given[0]) == b"null":
        return None
    return text_of(given[0]) or bytes(given[0]).decode()


def _success(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}
