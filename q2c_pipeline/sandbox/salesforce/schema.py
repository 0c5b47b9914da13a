"""Which objects and fields the organisation has: the standard ones and what its records bring.

Belongs here: a field's type and traits, custom fields found on records. Does not belong here:
the standard table itself (``standard_objects``) and how describe spells it (``describe``).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce.moments import is_date, parsed_moment
from q2c_pipeline.sandbox.salesforce.rules import CustomField
from q2c_pipeline.sandbox.salesforce.standard_objects import (
    FIELDS_OF_A_CUSTOM_OBJECT,
    MULTI_CURRENCY_FIELD,
    MULTI_CURRENCY_OBJECTS,
    OBJECTS_WITH_A_CURRENCY,
    STANDARD_OBJECTS,
)
from q2c_pipeline.sandbox.store import Store

SYSTEM = "salesforce"
CUSTOM_TEXT_CHARACTERS_MAX = 255
FILTERABLE_TEXT_CHARACTERS_MAX = 255
NUMBER_TYPES = frozenset({"currency", "double", "int", "percent"})
ID_TYPES = frozenset({"id", "reference"})
CURRENCY_FIELD = "CurrencyIsoCode"
ACCESS_SETTING = "salesforce/field-access"

FIELD_LINE_FORM = re.compile(r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<argument>\w+)\))?(?P<traits>.*)")
FIELD_NAME_FORM = re.compile(r"[A-Za-z]\w*", re.ASCII)

RECORD = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Field(NamedTuple):
    """``length`` is 0 where the type has none; only a lookup has a ``reference_to``.

    ``values`` are all that a restricted picklist takes.
    """

    name: str
    type: str
    length: int = 0
    reference_to: str = ""
    is_required: bool = False
    is_createable: bool = True
    is_updateable: bool = True
    values: tuple[str, ...] = ()

    @property
    def is_custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def is_external_id(self) -> bool:
        """By name, since records do not say: ``QBO_Customer_Id__c`` is one."""
        return self.is_custom and self.name.lower().endswith("id__c")

    @property
    def is_filterable(self) -> bool:
        return self.type not in ("address", "anyType") and not (
            self.type == "textarea" and self.length > FILTERABLE_TEXT_CHARACTERS_MAX
        )

    @property
    def relationship_name(self) -> str:
        return self.name.removesuffix("Id") if self.reference_to else ""


class SObject(NamedTuple):
    """``fields`` by name and ``relationships`` by relationship name, both in lower case."""

    name: str
    fields: Mapping[str, Field]

    @property
    def is_custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def relationships(self) -> Mapping[str, Field]:
        return {
            field.relationship_name.lower(): field
            for field in self.fields.values()
            if field.reference_to
        }


class Schema:
    """The organisation's objects, as far as the integration user may see them.

    It follows the store, so a field appears with its first record, unless the company made it.
    """

    def __init__(
        self,
        store: Store,
        organisation_id: str,
        now: Callable[[], datetime],
        custom_fields: Iterable[CustomField] = (),
    ) -> None:
        self._store = store
        self._organisation_id = organisation_id
        self._now = now
        self._objects = _standard_objects(STANDARD_OBJECTS)
        for custom in custom_fields:
            self._take(custom.object, {custom.name.lower(): _made_field(custom)})
        self._shown = self._objects
        self._access: Mapping[str, str] = {}
        self._has_several_currencies = False
        self._changed_at: dict[str, datetime] = {}
        self._read_at = now()
        self._revision_seen = -1
        self._ordinal_seen = 0

    def find(self, name: str) -> SObject | None:
        """The object of that name, in whatever case."""
        self._catch_up()
        return self._shown.get(name.lower())

    def known(self, name: str) -> SObject:
        """An object that is there, with all its fields; the standard ones always are."""
        return self._objects[name.lower()]

    def objects(self) -> list[SObject]:
        self._catch_up()
        return sorted(self._shown.values(), key=lambda sobject: sobject.name)

    def changed_at(self, sobject: SObject) -> datetime:
        """When the object last got a field; otherwise, when the objects were first read."""
        return self._changed_at.get(sobject.name.lower(), self._read_at)

    def _catch_up(self) -> None:
        if self._revision_seen == self._store.revision:
            return
        for object_name, payload in self._new_records():
            record = RECORD.decode(payload)
            if CURRENCY_FIELD in record or object_name in MULTI_CURRENCY_OBJECTS:
                self._take_several_currencies()
            sobject = self._objects.get(object_name.lower()) or _custom_object(object_name)
            found = {
                name.lower(): _inferred_field(name, bytes(raw))
                for name, raw in record.items()
                if _tells_of_a_field(name, bytes(raw), sobject.fields.get(name.lower()))
            }
            if found or object_name.lower() not in self._objects:
                self._take(object_name, found)
                self._changed_at[object_name.lower()] = self._now()
        self._show()
        self._revision_seen = self._store.revision

    def _take(self, object_name: str, fields: Mapping[str, Field]) -> None:
        sobject = self._objects.get(object_name.lower()) or _custom_object(object_name)
        whole = SObject(sobject.name, {**sobject.fields, **fields})
        self._objects[object_name.lower()] = whole

    def _show(self) -> None:
        """Leave out what the integration user may not see, and let be what it may not edit."""
        access = field_access(self._store)
        for place in access.items() ^ self._access.items():
            self._changed_at[place[0].split(".")[0]] = self._now()
        self._access = access
        self._shown = {
            name: SObject(
                sobject.name,
                {
                    key: field._replace(is_createable=False, is_updateable=False)
                    if access.get(f"{name}.{key}") == "read"
                    else field
                    for key, field in sobject.fields.items()
                    if access.get(f"{name}.{key}") != "none"
                },
            )
            if any(place.startswith(f"{name}.") for place in access)
            else sobject
            for name, sobject in self._objects.items()
        }

    def _take_several_currencies(self) -> None:
        """What one record tells holds for the organisation: every amount has its currency."""
        if self._has_several_currencies:
            return
        self._has_several_currencies = True
        self._objects |= _standard_objects(MULTI_CURRENCY_OBJECTS)
        for name in map(str.lower, OBJECTS_WITH_A_CURRENCY):
            sobject = self._objects[name]
            fields = {**sobject.fields, **_field_table(MULTI_CURRENCY_FIELD)}
            self._objects[name] = SObject(sobject.name, fields)
            self._changed_at[name] = self._now()

    def _new_records(self) -> Iterator[tuple[str, str]]:
        for ordinal, object_name, payload in self._store.connection.execute(
            "select ordinal, object, payload from records"
            " where ordinal > ? and +system = ? and +tenant = ? order by ordinal",
            (self._ordinal_seen, SYSTEM, self._organisation_id),
        ):
            self._ordinal_seen = ordinal
            yield object_name, payload


def field_access(store: Store) -> dict[str, str]:
    """What the integration user may do with single fields, by ``object.field`` in lower case."""
    return msgspec.json.decode(store.setting(ACCESS_SETTING) or "{}", type=dict[str, str])


def grant_access(store: Store, sobject: SObject, field: str, access: str) -> None:
    """``edit``, ``read`` or ``none`` from now on. Call within ``changes()``."""
    granted = {**field_access(store), f"{sobject.name}.{field}".lower(): access}
    store.set_setting(ACCESS_SETTING, msgspec.json.encode(granted).decode())
    store.revision += 1


def _tells_of_a_field(name: str, value: bytes, known: Field | None) -> bool:
    """Whether a value brings a new field, or the type of one that had been null so far."""
    if known is not None:
        return known.type == "unknown" and value != b"null"
    is_nested = value.startswith(b"[") or (value.startswith(b"{") and b'"attributes"' in value)
    return name != "attributes" and not is_nested and FIELD_NAME_FORM.fullmatch(name) is not None


def _inferred_field(name: str, value: bytes) -> Field:
    if value == b"null":
        return Field(name, "unknown")
    if value in (b"true", b"false"):
        return Field(name, "boolean")
    if value.startswith(b"{"):
        return Field(name, "address", is_createable=False, is_updateable=False)
    if not value.startswith(b'"'):
        return Field(name, "double")
    text = msgspec.json.decode(value, type=str)
    if is_date(text):
        return Field(name, "date")
    if parsed_moment(text):
        return Field(name, "datetime")
    return Field(name, "string", length=CUSTOM_TEXT_CHARACTERS_MAX)


def _standard_objects(tables: Mapping[str, str]) -> dict[str, SObject]:
    return {name.lower(): SObject(name, _field_table(table)) for name, table in tables.items()}


def _made_field(custom: CustomField) -> Field:
    has_length = custom.type in ("picklist", "string", "textarea", "url")
    length = custom.length if has_length else 0
    return Field(custom.name, custom.type, length=length, values=custom.values)


def _custom_object(name: str) -> SObject:
    return SObject(name, _field_table(FIELDS_OF_A_CUSTOM_OBJECT))


@cache
def _field_table(table: str) -> Mapping[str, Field]:
    lines = filter(None, map(str.strip, table.splitlines()))
    fields = map(_field_from_line, lines)
    return {field.name.lower(): field for field in fields}


def _field_from_line(line: str) -> Field:
    match = FIELD_LINE_FORM.fullmatch(line)
    if match is None:
        raise ValueError(f"not a field line: {line!r}")
    argument, traits = match["argument"] or "", match["traits"].split()
    return Field(
        match["name"],
        match["type"],
        length=int(argument) if argument.isdigit() else 0,
        reference_to="" if argument.isdigit() else argument,
        is_required="required" in traits,
        is_createable="read-only" not in traits,
        is_updateable=not {"read-only", "insert-only"} & set(traits),
    )
