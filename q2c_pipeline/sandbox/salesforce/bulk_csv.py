"""CSV as Bulk API 2.0 writes it.

Belongs here: columns, cells, delimiters and line ends. Does not belong here: jobs. Null and empty
text are both an empty cell; a number that may have decimals shows at least one.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
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
PLAIN = msgspec.json.Decoder(dict[str, Any], float_hook=str)
"""Keeps the text of a number with decimals."""

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


def cells(columns: Sequence[Column], row: Mapping[str, Any]) -> list[str]:
    """A row's texts; a cell is empty where its field, or a parent on the way to it, is."""
    plain = PLAIN.decode(msgspec.json.encode(row))
    return [_text(column, plain) for column in columns]


def _text(column: Column, row: Mapping[str, Any]) -> str:
    value: Any = row
    for step in column.steps:
        value = value and value.get(step)
    if isinstance(value, str):
        is_moment = column.field.type == "datetime"
        return value.replace("+0000", "Z") if is_moment else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return f"{value}.0" if column.field.type in TYPES_WITH_DECIMALS else str(value)
