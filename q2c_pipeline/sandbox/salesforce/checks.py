"""What a request may write into a record.

Belongs here: names, types, lengths and required fields of a body. Does not belong here: writing.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from q2c_pipeline.sandbox.salesforce import ids
from q2c_pipeline.sandbox.salesforce.faults import (
    Refusal,
    bad_picklist_value,
    malformed_body,
    no_such_column_in_record,
)
from q2c_pipeline.sandbox.salesforce.moments import is_date, parsed_moment
from q2c_pipeline.sandbox.salesforce.rows import NULL, json_text, text_of
from q2c_pipeline.sandbox.salesforce.rules import ValidationRule
from q2c_pipeline.sandbox.salesforce.schema import ID_TYPES, NUMBER_TYPES, Field, SObject

UNTYPED = frozenset({"unknown", "anyType"})


def checked(
    sobject: SObject, body: Mapping[str, msgspec.Raw], *, is_new: bool
) -> dict[str, msgspec.Raw]:
    """The body's values under the fields' own names.

    Raises ``Refusal`` for the first that cannot be written, or for a required one left out.
    """
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
    missing = [
        field.name
        for field in sobject.fields.values()
        if field.is_required
        and (is_new or field.name in values)
        and bytes(values.get(field.name, NULL)) == b"null"
    ]
    if missing:
        raise Refusal(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{', '.join(missing)}]",
            fields=missing,
        )
    return values


def _checked_value(field: Field, value: msgspec.Raw) -> msgspec.Raw:
    raw = bytes(value)
    if value == NULL and field.type != "boolean":
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
        return json_text(ids.normalised(text))
    if field.length and len(text) > field.length:
        raise Refusal(
            "STRING_TOO_LONG",
            f"{field.name}: data value too large: {text} (max length={field.length})",
            fields=(field.name,),
        )
    if field.values and text and text not in field.values:
        raise bad_picklist_value(field.name, text)
    return value if text else NULL


def validate(
    rules: Iterable[ValidationRule], sobject: SObject, record: Mapping[str, msgspec.Raw]
) -> None:
    """Hold the whole record, as it is about to be saved, to what the company demands of it.

    Raises ``Refusal``, also for a field that the request does not touch.
    """
    for rule in rules:
        value = record.get(rule.field, NULL)
        text = "" if value == NULL else text_of(value) or bytes(value).decode()
        if rule.object == sobject.name and re.search(rule.forbids, text):
            raise Refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields=(rule.field,))
