"""SOQL conditions and orders as SQL over the store, so that SQLite finds and sorts the rows.

Belongs here: what a comparison means for each type. Does not belong here: SOQL's grammar
(``soql``) and pages (``cursors``). Nothing that a client wrote becomes SQL text: names are the
schema's, values are parameters. SOQL knows two truth values where SQL knows three: a
comparison with an empty field is false, and its negation true.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

from q2c_pipeline.sandbox.salesforce.faults import Refusal
from q2c_pipeline.sandbox.salesforce.ids import normalised
from q2c_pipeline.sandbox.salesforce.moments import instant_microseconds
from q2c_pipeline.sandbox.salesforce.rows import lookup_field, own_field, parent_object
from q2c_pipeline.sandbox.salesforce.schema import (
    ID_TYPES,
    NUMBER_TYPES,
    SYSTEM,
    Field,
    Schema,
    SObject,
)
from q2c_pipeline.sandbox.salesforce.soql_tree import (
    Comparison,
    Condition,
    FieldPath,
    Junction,
    Literal,
    Negation,
    OrderKey,
    Query,
)
from q2c_pipeline.sandbox.store import Store, folded

NO_LIMIT = -1


class Column(NamedTuple):
    """A field as SQL; ``is_always_set`` lets an index serve the comparison."""

    field: Field
    sql: str
    is_always_set: bool = False


def prepare(store: Store) -> None:
    """Teach the store's connection the function by which the SQL here compares datetimes."""
    store.connection.create_function("instant", 1, instant_microseconds, deterministic=True)


def matching_ordinals(
    store: Store,
    schema: Schema,
    organisation_id: str,
    sobject: SObject,
    query: Query,
    *,
    include_deleted: bool,
) -> list[int]:
    """The ordinals of the matching records, in the order asked for.

    Raises ``Refusal`` for an unknown field or a value of the wrong type.
    """
    sql = _Search(schema, organisation_id, sobject)
    where = sql.condition(query.where) if query.where else "1"
    order_by = "".join(sql.order_key(key) + ", " for key in query.order_by)
    rows = store.connection.execute(
        "select r.ordinal from records r"
        " where r.system = :system and r.tenant = :tenant and r.object = :object"
        f" and r.is_deleted in ({'0, 1' if include_deleted else '0'}) and {where}"
        f" order by {order_by} r.ordinal limit :limit offset :offset",
        {
            **sql.parameters,
            "system": SYSTEM,
            "tenant": organisation_id,
            "object": sobject.name,
            "limit": NO_LIMIT if query.limit is None else query.limit,
            "offset": query.offset,
        },
    )
    return [ordinal for (ordinal,) in rows]


class _Search:
    """Builds SQL over ``records r``; values travel as named parameters."""

    def __init__(self, schema: Schema, organisation_id: str, sobject: SObject) -> None:
        self._schema = schema
        self._sobject = sobject
        self._aliases = count(1)
        self.parameters: dict[str, Any] = {"system": SYSTEM, "tenant": organisation_id}

    def condition(self, condition: Condition) -> str:
        if isinstance(condition, Negation):
            return f"not {self.condition(condition.part)}"
        if isinstance(condition, Junction):
            word = f" {condition.word.lower()} "
            return "(" + word.join(map(self.condition, condition.parts)) + ")"
        return self._comparison(condition)

    def order_key(self, key: OrderKey) -> str:
        """Empty values come first in either direction unless the query says otherwise."""
        column = self._column(key.field)
        direction = "desc" if key.is_descending else "asc"
        if column.is_always_set:
            return f"{column.sql} {direction}"
        return f"{column.sql} {direction} nulls {'last' if key.nulls_last else 'first'}"

    def _comparison(self, comparison: Comparison) -> str:
        column = self._column(comparison.field)
        operator, values = comparison.operator, comparison.values
        if not column.field.is_filterable:
            raise Refusal(
                "INVALID_FIELD",
                f"field '{column.field.name}' can not be filtered in a query call",
            )
        if operator == "LIKE":
            return self._like(column, values[0])
        if operator in ("=", "!=", "IN", "NOT IN"):
            is_one_of = self._is_one_of(column, values)
            return is_one_of if operator in ("=", "IN") else f"not {is_one_of}"
        if values[0].kind == "null" or column.field.type == "boolean":
            raise _operator_refused(operator)
        return self._true(column, f"{column.sql} {operator} {self._value(column, values[0])}")

    def _is_one_of(self, column: Column, values: Sequence[Literal]) -> str:
        """One look at the column, however many values there are."""
        told = [self._value(column, value) for value in values if value.kind != "null"]
        parts = [self._true(column, f"{column.sql} in ({', '.join(told)})")] if told else []
        if len(told) < len(values):
            parts.append(f"{column.sql} is null")
        return f"({' or '.join(parts)})"

    def _like(self, column: Column, value: Literal) -> str:
        if not _is_text(column.field):
            raise _operator_refused("LIKE")
        self._value(column, value)
        pattern = self._parameter(folded(value.like_text))
        return self._true(column, f"{column.sql} like {pattern} escape '\\'")

    def _true(self, column: Column, sql: str) -> str:
        return f"({sql})" if column.is_always_set else f"coalesce({sql}, 0)"

    def _value(self, column: Column, literal: Literal) -> str:
        field = column.field
        expected = _literal_kind(field)
        if literal.kind != expected:
            quoting = "be" if expected == "text" else "not be"
            raise Refusal(
                "INVALID_FIELD",
                f"value of filter criterion for field '{field.name}' must be of type {field.type}"
                f" and should {quoting} enclosed in quotes",
            )
        return self._parameter(_comparable(field, literal))

    def _parameter(self, value: object) -> str:
        name = f"value_{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def _column(self, path: FieldPath) -> Column:
        return self._column_of(self._sobject, "r", path)

    def _column_of(self, sobject: SObject, alias: str, path: FieldPath) -> Column:
        if len(path) == 1:
            return _own_column(own_field(sobject, path[0]), alias)
        lookup = lookup_field(sobject, path)
        parent_alias = f"parent_{next(self._aliases)}"
        parent = parent_object(self._schema, sobject, lookup)
        column = self._column_of(parent, parent_alias, path[1:])
        sql = (
            f"(select {column.sql} from records {parent_alias}"
            f" where {parent_alias}.system = :system and {parent_alias}.tenant = :tenant"
            f" and {parent_alias}.object = {self._parameter(parent.name)}"
            f" and {parent_alias}.record_id = {_json_value(alias, lookup.name)})"
        )
        return Column(column.field, sql)


def _own_column(field: Field, alias: str) -> Column:
    """What the store knows beside the payload comes from its own columns, which are indexed."""
    if field.name == "SystemModstamp":
        return Column(field, f"{alias}.updated_at", is_always_set=True)
    if field.name == "IsDeleted":
        return Column(field, f"{alias}.is_deleted", is_always_set=True)
    if field.name == "Id":
        return Column(field, f"{alias}.record_id")
    value = _json_value(alias, field.name)
    if field.type == "boolean":
        return Column(field, f"coalesce({value}, 0)", is_always_set=True)
    if field.type == "datetime":
        return Column(field, f"instant({value})")
    return Column(field, f"folded({value})" if _is_text(field) else value)


def _json_value(alias: str, field_name: str) -> str:
    """Field names are checked to be plain words, so they may stand in the SQL itself."""
    return f"json_extract({alias}.payload, '$.{field_name}')"


def _is_text(field: Field) -> bool:
    return _literal_kind(field) == "text" and field.type not in ID_TYPES


def _literal_kind(field: Field) -> str:
    if field.type in NUMBER_TYPES:
        return "number"
    return field.type if field.type in ("boolean", "date", "datetime") else "text"


def _comparable(field: Field, literal: Literal) -> object:
    if literal.kind == "number":
        # The vendor compares numbers as doubles; only what is shown keeps its exact text.
        return float(literal.text)
    if literal.kind == "boolean":
        return int(literal.text == "true")
    if literal.kind == "datetime":
        return instant_microseconds(literal.text)
    if field.type in ID_TYPES:
        return normalised(literal.text)
    return folded(literal.text) if literal.kind == "text" else literal.text


def _operator_refused(operator: str) -> Refusal:
    return Refusal("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator: {operator}")


def exact_matches(
    store: Store, organisation_id: str, sobject: SObject, field: Field, value: str
) -> list[str]:
    """Ids of the living records whose field holds the value, as an external id compares.

    Raises ``Refusal`` for a value that the field cannot hold.
    """
    if field.type in NUMBER_TYPES and not re.fullmatch(r"-?\d+(?:\.\d+)?", value):
        raise Refusal("INVALID_FIELD", f"{field.name}: {value} is not a number")
    literal = Literal("number" if field.type in NUMBER_TYPES else "text", value)
    column = _own_column(field, "r")
    rows = store.connection.execute(
        "select r.record_id from records r"
        " where r.system = ? and r.tenant = ? and r.object = ? and r.is_deleted = 0"
        f" and r.record_id is not null and {column.sql} = ? order by r.ordinal",
        (SYSTEM, organisation_id, sobject.name, _comparable(field, literal)),
    )
    return [record_id for (record_id,) in rows]
