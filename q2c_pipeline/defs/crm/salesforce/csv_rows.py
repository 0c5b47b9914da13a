"""A bulk job's CSV as the JSON rows that a query would have given.

Belongs here: cells to values, by the field types that describe tells. Does not belong here: jobs.

CSV cannot tell an empty text from none; Salesforce keeps no empty text, and a query shows null for
it, so an empty cell is null. Datetimes end in Z here and in +0000 there. Numbers keep their text;
a record's fingerprint goes by their value.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping

import msgspec

CELL_CHARACTERS_MAX = 1_000_000

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_NULL = msgspec.Raw(b"null")


class CutOff(ValueError):
    """The text ends in the middle of a row."""


def _text(cell: str) -> object:
    return cell


def _number(cell: str) -> object:
    """The number's own text; anything else stays a text, which its envelope refuses by name."""
    return msgspec.Raw(cell.encode()) if _NUMBER.fullmatch(cell) else cell


def _boolean(cell: str) -> object:
    return {"true": True, "false": False}.get(cell, cell)


def _moment(cell: str) -> object:
    return cell.removesuffix("Z") + "+0000" if cell.endswith("Z") else cell


_VALUES: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(("currency", "double", "int", "long", "percent"), _number),
    **dict.fromkeys(
        ("combobox", "date", "email", "encryptedstring", "id", "multipicklist", "phone"), _text
    ),
    **dict.fromkeys(("picklist", "reference", "string", "textarea", "url"), _text),
    "boolean": _boolean,
    "datetime": _moment,
}
READABLE_TYPES = frozenset(_VALUES)


def rows_of(
    content: bytes, object: str, types: Mapping[str, str], *, root: str
) -> list[msgspec.Raw]:
    """One JSON text per row, in the columns' order, with the attributes that a query adds.

    Raises: CutOff.
    """
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    if content and not content.endswith(b"\n"):
        raise CutOff
    text = content.decode().replace("\0", "")
    try:
        names, *lines = csv.reader(io.StringIO(text, newline=""), strict=True) if text else [[]]
    except csv.Error as error:
        raise CutOff from error
    values = [_VALUES[types[name]] for name in names]
    if any(len(line) != len(names) for line in lines):
        raise CutOff
    url = f"{root}/sobjects/{object}/"
    rows = []
    for line in lines:
        row = {
            name: value(cell) if cell else _NULL
            for name, value, cell in zip(names, values, line, strict=True)
        }
        attributes = {"type": object, "url": url + str(row["Id"])}
        rows.append(msgspec.Raw(msgspec.json.encode({"attributes": attributes, **row})))
    return rows
