"""Finding what a statement asks for.

Belongs here: conditions, order and paging over the stored text. Does not belong here: the grammar.
Which records match is found out once per statement and revision of the store, so a page from the
middle of a long list costs as much as the first.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from q2c_pipeline.sandbox.quickbooks.entities import HIDING_INACTIVE, Entity, Field, FieldKind
from q2c_pipeline.sandbox.quickbooks.faults import query_invalid
from q2c_pipeline.sandbox.quickbooks.lookup import index_over, text_at
from q2c_pipeline.sandbox.quickbooks.query import Condition, SortKey, Statement
from q2c_pipeline.sandbox.quickbooks.wire import Payload, instant, parse, write
from q2c_pipeline.sandbox.store import Store, microseconds

REMEMBERED_STATEMENTS_MAX = 8
BY_ID = "length(record_id), record_id"

_Matching = tuple[str, str, tuple[Condition, ...], tuple[SortKey, ...], str]


class Selection:
    """Runs statements on one store; ``today`` is what ``CURRENT_DATE`` stands for."""

    def __init__(self, store: Store, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today
        self._revision = store.revision
        self._remembered: OrderedDict[_Matching, array[int]] = OrderedDict()
        store.connection.create_function("moment", 1, _moment, deterministic=True)

    def count(self, realm_id: str, statement: Statement) -> int:
        return len(self._matches(realm_id, statement))

    def page(self, realm_id: str, statement: Statement) -> list[str]:
        """The texts of the records on the page that the statement names."""
        start = statement.start_position - 1
        ordinals = self._matches(realm_id, statement)[start : start + statement.max_results]
        if statement.entity.name == "TaxCode" and start == 0:
            ordinals = ordinals + self._matches(realm_id, statement, are_pseudo=True)
        texts = self._texts(ordinals)
        return (
            [_narrowed(text, statement.columns) for text in texts] if statement.columns else texts
        )

    def _texts(self, ordinals: "array[int]") -> list[str]:
        rows = self._store.connection.execute(
            "select payload from json_each(?) as wanted"
            " join records on records.ordinal = wanted.value order by wanted.key",
            (write(ordinals.tolist()),),
        )
        return [row[0] for row in rows]

    def _matches(
        self, realm_id: str, statement: Statement, *, are_pseudo: bool = False
    ) -> "array[int]":
        if self._revision != self._store.revision:
            self._remembered.clear()
            self._revision = self._store.revision
        today = self._today().isoformat()
        key = (
            f"{realm_id}/{are_pseudo}",
            statement.entity.name,
            statement.conditions,
            statement.order,
            today,
        )
        if key in self._remembered:
            self._remembered.move_to_end(key)
        else:
            self._remembered[key] = self._find(realm_id, statement, are_pseudo)
            if len(self._remembered) > REMEMBERED_STATEMENTS_MAX:
                self._remembered.popitem(last=False)
        return self._remembered[key]

    def _find(self, realm_id: str, statement: Statement, are_pseudo: bool) -> "array[int]":
        entity = statement.entity
        wheres = [
            "system = 'quickbooks' and tenant = ? and object = ? and is_deleted = 0",
            *self._hidden(statement, are_pseudo),
        ]
        parameters: list[Any] = [realm_id, entity.name]
        for condition in statement.conditions:
            where, values = self._where(entity, condition)
            wheres.append(where)
            parameters += values
        # Only the catalogue's own words get into the text; a client's values are parameters.
        sql = (
            f"select ordinal from {self._source(statement)} where {' and '.join(wheres)}"
            f" order by {_order(entity, statement.order)}"
        )
        rows = self._store.connection.execute(sql, parameters)
        return array("q", (row[0] for row in rows))

    def _source(self, statement: Statement) -> str:
        """The table, by way of an index if the statement looks a text up."""
        for condition in statement.conditions:
            field = _field(statement.entity, condition.field)
            if field.kind is FieldKind.TEXT and condition.operator == "=":
                return f"records indexed by {index_over(self._store, field.path)}"
        return "records"

    def _hidden(self, statement: Statement, are_pseudo: bool) -> list[str]:
        wheres = []
        if statement.entity.name == "TaxCode":
            wheres.append(f"record_id {'' if are_pseudo else 'not '}in ('TAX', 'NON')")
        asked = {condition.field.casefold() for condition in statement.conditions}
        if statement.entity.name in HIDING_INACTIVE and "active" not in asked:
            wheres.append("json_extract(payload, '$.Active') is not 0")
        return wheres

    def _where(self, entity: Entity, condition: Condition) -> tuple[str, list[Any]]:
        field = _field(entity, condition.field)
        are_equal_only = field.kind in (FieldKind.ID, FieldKind.BOOLEAN)
        if are_equal_only and condition.operator not in ("=", "in"):
            raise query_invalid(f"property {condition.field} does not support this operator")
        if condition.operator == "like":
            if field.kind is not FieldKind.TEXT:
                raise query_invalid(f"property {condition.field} does not support LIKE")
            return f"{_expression(field)} like folded(?) escape '\\'", [
                _pattern(condition.values[0])
            ]
        values = [self._value(field, condition.field, value) for value in condition.values]
        mark = "folded(?)" if field.kind is FieldKind.TEXT else "?"
        if condition.operator == "in":
            return f"{_expression(field)} in ({', '.join([mark] * len(values))})", values
        return f"{_expression(field)} {condition.operator} {mark}", values

    def _value(self, field: Field, name: str, text: str) -> Any:
        if text.casefold() == "current_date":
            text = self._today().isoformat()
        try:
            match field.kind:
                case FieldKind.UPDATED | FieldKind.MOMENT:
                    return microseconds(instant(text))
                case FieldKind.NUMBER:
                    return float(Decimal(text))
                case FieldKind.BOOLEAN:
                    return {"true": 1, "false": 0}[text.casefold()]
                case _:
                    return text
        except (ValueError, KeyError, InvalidOperation) as error:
            raise query_invalid(f"value {text} is not valid for property {name}") from error


def _field(entity: Entity, name: str) -> Field:
    for known, field in entity.fields.items():
        if known.casefold() == name.casefold():
            return field
    raise query_invalid(f"Property {name} not found for Entity {entity.name}")


def _expression(field: Field) -> str:
    match field.kind:
        case FieldKind.ID:
            return "record_id"
        case FieldKind.UPDATED:
            return "updated_at"
        case FieldKind.MOMENT:
            return f"moment(json_extract(payload, '{field.path}'))"
        case FieldKind.NUMBER:
            # Text sorts after every number in SQLite; an amount written as text matches nothing.
            return (
                f"case when json_type(payload, '{field.path}') in ('integer', 'real')"
                f" then json_extract(payload, '{field.path}') end"
            )
        case FieldKind.BOOLEAN:
            return f"coalesce(json_extract(payload, '{field.path}'), 1)"
        case FieldKind.TEXT:
            return text_at(field.path)


def _sortable(path: str) -> str:
    """Text as it is sorted, which heeds case although comparing does not."""
    return f"json_extract(payload, '{path}')"


def _order(entity: Entity, keys: tuple[SortKey, ...]) -> str:
    if not keys and entity.name_field:
        name = f"$.{entity.name_field}"
        return f"coalesce({_sortable('$.FullyQualifiedName')}, {_sortable(name)}), {BY_ID}"
    if not keys:
        return "updated_at desc, length(record_id) desc, record_id desc"
    parts = []
    for key in keys:
        field = _field(entity, key.field)
        if not field.is_sortable:
            raise query_invalid(f"property {key.field} is not sortable")
        direction = " desc" if key.is_descending else ""
        if field.kind is FieldKind.ID:
            parts.append(f"length(record_id){direction}, record_id{direction}")
            break
        is_text = field.kind is FieldKind.TEXT
        parts.append((_sortable(field.path) if is_text else _expression(field)) + direction)
    else:
        parts.append(BY_ID)
    return ", ".join(parts)


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("_", "\\_")


def _moment(text: object) -> int | None:
    try:
        return microseconds(instant(str(text)))
    except ValueError:
        return None


def _narrowed(text: str, columns: tuple[str, ...]) -> str:
    """The record with the named fields only."""
    record: Payload = parse(text)
    narrow: Payload = {"domain": "QBO", "sparse": True}
    for column in columns:
        outer, _, inner = column.partition(".")
        found = next((name for name in record if name.casefold() == outer.casefold()), None)
        if found is None:
            continue
        value = record[found]
        if inner and isinstance(value, dict):
            kept = {
                name: part for name, part in value.items() if name.casefold() == inner.casefold()
            }
            narrow.setdefault(found, {}).update(kept)
        else:
            narrow[found] = value
    return write(narrow)
