"""Stored records as answers show them: the fields asked for, in their exact text.

Belongs here: attributes, nulls, parents, the one form of a datetime. Does not belong here: which
records are shown. A number is passed on as the bytes that came in.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce.faults import no_such_column
from q2c_pipeline.sandbox.salesforce.moments import parsed_moment, stamp
from q2c_pipeline.sandbox.salesforce.schema import RECORD, SYSTEM, Field, Schema, SObject
from q2c_pipeline.sandbox.store import Store

RELATIONSHIP_DEPTH_MAX = 5
WIRE_DATETIME_BYTES = len('"2026-03-01T14:05:58.000+0000"')
WIRE_DATETIME_END = b'+0000"'
ADDRESS_CODES = ("CountryCode", "StateCode")
"""Parts that only an organisation with lists of countries and states has."""

ADDRESS_PARTS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)
NULL = msgspec.Raw(b"null")


class Selection(NamedTuple):
    """What to show of an object: its own fields, and selections of its parents."""

    sobject: SObject
    fields: tuple[Field, ...]
    parents: Mapping[Field, "Selection"]


def selection(schema: Schema, sobject: SObject, paths: Iterable[tuple[str, ...]]) -> Selection:
    """The fields that ``paths`` name, once each.

    Raises ``Refusal`` (INVALID_FIELD) for a name that the object does not have.
    """
    fields: dict[str, Field] = {}
    parent_paths: dict[Field, list[tuple[str, ...]]] = {}
    for path in paths:
        if len(path) == 1:
            field = own_field(sobject, path[0])
            fields[field.name] = field
        else:
            parent_paths.setdefault(lookup_field(sobject, path), []).append(path[1:])
    parents = {
        field: selection(schema, parent_object(schema, sobject, field), nested)
        for field, nested in parent_paths.items()
    }
    return Selection(sobject, tuple(fields.values()), parents)


def own_field(sobject: SObject, name: str) -> Field:
    field = sobject.fields.get(name.lower())
    if field is None:
        raise no_such_column(name, sobject.name)
    return field


def lookup_field(sobject: SObject, path: tuple[str, ...]) -> Field:
    """The lookup that the first step of a relationship path follows."""
    field = sobject.relationships.get(path[0].lower())
    if field is None or len(path) > RELATIONSHIP_DEPTH_MAX + 1:
        raise no_such_column(".".join(path), sobject.name)
    return field


def parent_object(schema: Schema, sobject: SObject, field: Field) -> SObject:
    parent = schema.find(field.reference_to)
    if parent is None:
        raise no_such_column(field.relationship_name, sobject.name)
    return parent


class RowWriter:
    """Writes rows of one answer; a parent shared by many rows is read once."""

    def __init__(self, store: Store, organisation_id: str, version: str) -> None:
        self._store = store
        self._organisation_id = organisation_id
        self._version = version
        self._parents: dict[tuple[str, str], tuple[dict[str, msgspec.Raw], bool] | None] = {}

    def url(self, resource: str) -> str:
        """The path of a resource in the version that the request used."""
        return f"/services/data/v{self._version}/{resource}"

    def rows(
        self, chosen: Selection, ordinals: Sequence[int], *, include_deleted: bool
    ) -> list[dict[str, Any]]:
        """The records of these ordinals that are still there, in that order."""
        stored = {
            ordinal: (payload, bool(is_deleted))
            for ordinal, payload, is_deleted in self._store.connection.execute(
                "select ordinal, payload, is_deleted from records"
                " where ordinal in (select value from json_each(?)) and is_deleted <= ?",
                (json.dumps(list(ordinals)), int(include_deleted)),
            )
        }
        return [
            self.row_of(chosen, RECORD.decode(payload), is_deleted=is_deleted)
            for payload, is_deleted in (stored[o] for o in ordinals if o in stored)
        ]

    def row_of(
        self, chosen: Selection, record: dict[str, msgspec.Raw], *, is_deleted: bool
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": self._attributes(chosen.sobject, record)}
        for field in chosen.fields:
            row[field.name] = is_deleted if field.name == "IsDeleted" else _value(field, record)
        for field, nested in chosen.parents.items():
            parent = self._parent(field, record)
            row[field.relationship_name] = parent and self.row_of(
                nested, parent[0], is_deleted=parent[1]
            )
        return row

    def _attributes(self, sobject: SObject, record: dict[str, msgspec.Raw]) -> dict[str, str]:
        record_id = text_of(record.get("Id"))
        if record_id is None:
            return {"type": sobject.name}
        return {
            "type": sobject.name,
            "url": self.url(f"sobjects/{sobject.name}/{record_id}"),
        }

    def _parent(
        self, field: Field, record: dict[str, msgspec.Raw]
    ) -> tuple[dict[str, msgspec.Raw], bool] | None:
        parent_id = text_of(record.get(field.name))
        if parent_id is None:
            return None
        key = (field.reference_to, parent_id)
        if key not in self._parents:
            stored = self._store.get(SYSTEM, self._organisation_id, *key)
            self._parents[key] = stored and (RECORD.decode(stored.payload), stored.is_deleted)
        return self._parents[key]


def text_of(raw: msgspec.Raw | None) -> str | None:
    """The text of a JSON string; None for anything else."""
    if raw is None or not bytes(raw).startswith(b'"'):
        return None
    return msgspec.json.decode(raw, type=str)


def json_text(text: str) -> msgspec.Raw:
    """The JSON string of a text."""
    return msgspec.Raw(msgspec.json.encode(text))


def _value(field: Field, record: dict[str, msgspec.Raw]) -> Any:
    raw = record.get(field.name, NULL)
    if field.type == "datetime":
        text = bytes(raw)
        if len(text) == WIRE_DATETIME_BYTES and text.endswith(WIRE_DATETIME_END):
            return raw
        moment = parsed_moment(text_of(raw) or "")
        return raw if moment is None else stamp(moment)
    if field.type == "address" and raw == NULL:
        return _address(field.name.removesuffix("Address"), record)
    return raw


def _address(prefix: str, record: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw] | None:
    """The parts of an address as one object; None if all are empty."""
    codes = [name for name in ADDRESS_CODES if prefix + name in record]
    parts = {
        f"{name[0].lower()}{name[1:]}": record.get(prefix + name, NULL)
        for name in (*ADDRESS_PARTS, *codes)
    }
    return parts if any(part != NULL for part in parts.values()) else None
