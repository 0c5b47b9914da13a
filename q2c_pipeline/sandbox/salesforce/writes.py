"""Creating, changing and deleting single records.

Belongs here: checks before a write, stamps, and the kinds of write. Does not belong here: lists
of records (``composite``) and what deals keep up to date about themselves (``opportunities``).
Every check comes before the first change, so a refused record leaves nothing behind. All of it
is called within ``changes()``.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from q2c_pipeline.sandbox.salesforce import ids, opportunities
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    entity_is_deleted,
    malformed_body,
    malformed_id,
    no_such_column_in_record,
    resource_not_found,
)
from q2c_pipeline.sandbox.salesforce.moments import is_date, parsed_moment, stamp
from q2c_pipeline.sandbox.salesforce.organisation import Organisation, Record
from q2c_pipeline.sandbox.salesforce.rows import text_of
from q2c_pipeline.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field, SObject
from q2c_pipeline.sandbox.salesforce.search import exact_matches

NULL = b"null"
UNTYPED = frozenset({"unknown", "anyType"})


def create(organisation: Organisation, sobject: SObject, body: Mapping[str, msgspec.Raw]) -> str:
    """A new record's id.

    Raises ``Refusal``.
    """
    values = _checked(sobject, body, is_new=True)
    missing = [
        field.name
        for field in sobject.fields.values()
        if field.is_required and bytes(values.get(field.name, msgspec.Raw(NULL))) == NULL
    ]
    if missing:
        raise _required_missing(missing)
    derived = opportunities.derived(organisation, sobject, {}, values)
    record_id = ids.next_id(organisation.store, sobject.name)
    now = organisation.now()
    blank = {
        field.name: msgspec.Raw(b"false")
        for field in sobject.fields.values()
        if field.type == "boolean"
    }
    owner = {"OwnerId": _text(ids.INTEGRATION_USER_ID)} if "ownerid" in sobject.fields else {}
    created = {
        "Id": _text(record_id),
        "CreatedDate": _text(stamp(now)),
        "CreatedById": _text(ids.INTEGRATION_USER_ID),
    }
    record = {**blank, **owner, **derived, **created}
    organisation.keep(sobject, record_id, _stamped(organisation, sobject, record))
    opportunities.follow_up(organisation, sobject, {}, record)
    return record_id


def update(
    organisation: Organisation,
    sobject: SObject,
    record_id: str,
    body: Mapping[str, msgspec.Raw],
) -> None:
    """Change the named fields; the others stay as they are.

    Raises ``Refusal``.
    """
    before = living_record(organisation, sobject, record_id)
    values = _checked(sobject, body, is_new=False)
    emptied = [
        name
        for name, value in values.items()
        if sobject.fields[name.lower()].is_required and bytes(value) == NULL
    ]
    if emptied:
        raise _required_missing(emptied)
    after = {**before, **opportunities.derived(organisation, sobject, before, values)}
    organisation.keep(sobject, ids.normalised(record_id), _stamped(organisation, sobject, after))
    opportunities.follow_up(organisation, sobject, before, after)


def delete(organisation: Organisation, sobject: SObject, record_id: str) -> None:
    """Move a record to the recycle bin, where only queryAll sees it.

    Raises ``Refusal``.
    """
    record = living_record(organisation, sobject, record_id)
    if "isdeleted" not in sobject.fields:
        raise Refusal("INSUFFICIENT_ACCESS_OR_READONLY", f"{sobject.name} cannot be deleted")
    for child, child_id in opportunities.dependants(organisation, sobject, record):
        delete(organisation, child, child_id)
    binned = {**record, "IsDeleted": msgspec.Raw(b"true")}
    organisation.keep(
        sobject,
        ids.normalised(record_id),
        _stamped(organisation, sobject, binned),
        is_deleted=True,
    )
    opportunities.follow_up(organisation, sobject, record, {})


def upsert(
    organisation: Organisation,
    sobject: SObject,
    key: Field,
    value: str,
    body: Mapping[str, msgspec.Raw],
    *,
    update_only: bool = False,
) -> tuple[str, bool]:
    """The id of the record whose external id is ``value``, and whether it was created.

    Raises ``Refusal``; ``SeveralMatch`` if the external id is not unique.
    """
    found = exact_matches(organisation.store, organisation.id, sobject, key, value)
    if len(found) > 1:
        raise SeveralMatch(key, found)
    if found:
        update(organisation, sobject, found[0], body)
        return found[0], False
    if update_only:
        raise resource_not_found()
    is_number = key.type in NUMBER_TYPES
    own_key = msgspec.Raw(str(Decimal(value)).encode()) if is_number else _text(value)
    return create(organisation, sobject, {**body, key.name: own_key}), True


class SeveralMatch(Refusal):
    """An external id that several records carry."""

    def __init__(self, key: Field, record_ids: list[str]) -> None:
        super().__init__(
            "DUPLICATE_EXTERNAL_ID",
            f"{key.name}: more than one record found for external id field: {record_ids}",
            status=300,
            fields=(key.name,),
        )
        self.record_ids = record_ids


def external_id_field(sobject: SObject, name: str) -> Field:
    """The field by which records may be addressed; Id is one, too."""
    field = sobject.fields.get(name.lower())
    if field is None or not (field.is_external_id or field.type == "id"):
        raise Refusal(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
            status=404,
        )
    return field


def living_record(organisation: Organisation, sobject: SObject, record_id: str) -> Record:
    """The record to be changed.

    Raises ``Refusal`` if it is not there, was deleted, or never could be.
    """
    found = organisation.record(sobject, record_id)
    if found is None:
        raise resource_not_found() if ids.has_id_form(record_id) else malformed_id(record_id)
    record, is_deleted = found
    if is_deleted:
        raise entity_is_deleted()
    return record


def _checked(
    sobject: SObject, body: Mapping[str, msgspec.Raw], *, is_new: bool
) -> dict[str, msgspec.Raw]:
    """The body's values under the fields' own names."""
    values: dict[str, msgspec.Raw] = {}
    for name, value in body.items():
        if name.lower() == "attributes":
            continue
        field = sobject.fields.get(name.lower())
        if field is None:
            raise no_such_column_in_record(name, sobject.name)
        if not (field.is_createable if is_new else field.is_updateable):
            raise Refusal(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {field.name}. Please check the security settings"
                " of this field and verify that it is read/write for your profile or permission"
                " set.",
                fields=(field.name,),
            )
        values[field.name] = _checked_value(field, value)
    return values


def _checked_value(field: Field, value: msgspec.Raw) -> msgspec.Raw:
    raw = bytes(value)
    if raw == NULL and field.type != "boolean":
        return value
    text = text_of(value)
    is_right = {
        "boolean": raw in (b"true", b"false"),
        "date": text is not None and is_date(text),
        "datetime": text is not None and parsed_moment(text) is not None,
    }.get(field.type, (text is None) == (field.type in NUMBER_TYPES) and raw[:1] not in b"[{tf")
    if field.type not in UNTYPED and not is_right:
        raise malformed_body(
            f"Cannot deserialize instance of {field.type} from {raw.decode()} of {field.name}"
        )
    if text is None:
        return value
    if field.type in ID_TYPES:
        if not ids.has_id_form(text):
            raise Refusal(
                "MALFORMED_ID",
                f"{field.name}: id value of incorrect type: {text}",
                fields=(field.name,),
            )
        return _text(ids.normalised(text))
    if field.length and len(text) > field.length:
        raise Refusal(
            "STRING_TOO_LONG",
            f"{field.name}: data value too large: {text} (max length={field.length})",
            fields=(field.name,),
        )
    return value if text else msgspec.Raw(NULL)


def _stamped(organisation: Organisation, sobject: SObject, record: Record) -> Record:
    now = _text(stamp(organisation.now()))
    stamps = {
        "LastModifiedDate": now,
        "LastModifiedById": _text(ids.INTEGRATION_USER_ID),
        "SystemModstamp": now,
    }
    return record | {
        name: value for name, value in stamps.items() if name.lower() in sobject.fields
    }


def _required_missing(names: list[str]) -> Refusal:
    return Refusal(
        "REQUIRED_FIELD_MISSING",
        f"Required fields are missing: [{', '.join(names)}]",
        fields=names,
    )


def _text(text: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(text))
