"""CSV as Bulk API 2.0 writes it.

Belongs here: columns, cells, delimiters and line ends. Does not belong here: jobs. Null and empty
text are both an empty cell; a number that may have decimals shows at least one.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.rows import lookup_field, own_field, parent_object
from q2c_pipeline.sandbox.salesforce.schema import NUMBER_TYPES, Field, Schema, SObject
from q2c_pipeline.sandbox.salesforce.soql_tree import FieldPath

DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
TYPES_WITH_DECIMALS = NUMBER_TYPES - {"int"}


class Dialect(NamedTuple):
    """How a job separates cells and lines, by the vendor's names."""

    delimiter: str
    line_ending: str

    def text(self, rows: Iterable[Iterable[str]]) -> str:
        """The rows as lines, every cell in quotes."""
        lines = io.StringIO()
        csv.writer(
            lines,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=LINE_ENDINGS[self.line_ending],
            quoting=csv.QUOTE_ALL,
        ).writerows(rows)
        return lines.getvalue()


class Column(NamedTuple):
    """A selected field; ``steps`` are the names that lead to it within a row."""

    steps: tuple[str, ...]
    field: Field

    @property
    def heading(self) -> str:
        return ".".join(self.steps)


def column(schema: Schema, sobject: SObject, path: FieldPath) -> Column:
    """The column of a field path, in the schema's own spelling.

    Raises ``Refusal`` for an unknown field and for one made up of others.
    """
    if len(path) == 1:
        field = own_field(sobject, path[0])
        if field.type == "address":
            raise Refusal(
                "FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query"
            )
        return Column((field.name,), field)
    lookup = lookup_field(sobject, path)
    nested = column(schema, parent_object(schema, sobject, lookup), path[1:])
    return Column((lookup.relationship_name, *nested.steps), nested.field)


def cell(wanted: Column, row: Mapping[str, Any]) -> str:
    """The text of a cell; empty where the field, or a parent on the way to it, is."""
    value: Any = row
    for step in wanted.steps:
        value = value and value.get(step)
    if isinstance(value, msgspec.Raw):
        value = value_text(bytes(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value or ""
    if wanted.field.type == "datetime":
        return text.replace("+0000", "Z")
    if wanted.field.type in TYPES_WITH_DECIMALS and text.lstrip("-").isdigit():
        return f"{text}.0"
    return text


def value_text(raw: bytes) -> str:
    """The text in a JSON value: a string's own, any other as it is spelt, none for null."""
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str)
    return "" if raw == b"null" else raw.decode()
