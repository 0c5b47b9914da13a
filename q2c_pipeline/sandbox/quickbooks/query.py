"""The query language of QuickBooks: from a statement's text to what it asks for.

Belongs here: the grammar and its faults. Does not belong here: finding the records.
The grammar is small and unlike SQL where it matters (``ORDERBY`` in one word, paging words in
either order, no ``OR``), so it is read directly and not through a SQL parser.
"""

import re
from typing import NamedTuple

from q2c_pipeline.sandbox.quickbooks.entities import Entity, find_entity
from q2c_pipeline.sandbox.quickbooks.faults import query_invalid, query_syntax

PAGE_SIZE_DEFAULT = 100
PAGE_SIZE_MAX = 1000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<sign><=|>=|[=<>(),*])
    )""",
    re.VERBOSE,
)
_OPERATORS = ("=", "<", ">", "<=", ">=")


class Condition(NamedTuple):
    """``values`` holds one text, or those of an ``IN`` list, unquoted."""

    field: str
    operator: str
    values: tuple[str, ...]


class SortKey(NamedTuple):
    field: str
    is_descending: bool


class Statement(NamedTuple):
    """``columns`` is empty for whole records; positions are 1-based."""

    entity: Entity
    columns: tuple[str, ...]
    is_count: bool
    conditions: tuple[Condition, ...]
    order: tuple[SortKey, ...]
    start_position: int
    max_results: int


class _Token(NamedTuple):
    kind: str
    text: str


def parse_statement(text: str) -> Statement:
    """What the statement asks for, at most ``PAGE_SIZE_MAX`` rows of it.

    Raises ``Fault`` 4000 for what the grammar does not know, 4001 for what the entity does not.
    """
    return _Reader(_tokens(text)).statement()


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise query_syntax(f'Encountered "{text[position:].lstrip()[0]}".')
        tokens.append(_Token(found.lastgroup, found[found.lastgroup]))
        position = found.end()
    return tokens


def _refuse_unknown_columns(entity: Entity, columns: tuple[str, ...]) -> None:
    """An entity that is only read here has properties nobody listed, so any will do."""
    known = {name.casefold() for name in entity.writable}
    for column in columns:
        if known and column.partition(".")[0].casefold() not in known:
            raise query_invalid(f"Property {column} not found for Entity {entity.name}")


class _Reader:
    """Reads the tokens left to right, once."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def statement(self) -> Statement:
        self._expect("select")
        columns, is_count = self._projection()
        self._expect("from")
        name = self._take("word").text
        entity = find_entity(name)
        if entity is None:
            raise query_invalid(f"invalid context declaration: {name}")
        _refuse_unknown_columns(entity, columns)
        conditions = self._conditions()
        order = self._order()
        start_position, max_results = self._paging()
        if self._next < len(self._tokens):
            raise self._unexpected()
        return Statement(entity, columns, is_count, conditions, order, start_position, max_results)

    def _projection(self) -> tuple[tuple[str, ...], bool]:
        if self._accept("count"):
            for sign in "(*)":
                self._expect(sign)
            return (), True
        columns, is_whole = [], False
        while True:
            if self._accept("*"):
                is_whole = True
            else:
                columns.append(self._take("word").text)
            if not self._accept(","):
                return () if is_whole else tuple(columns), False

    def _conditions(self) -> tuple[Condition, ...]:
        if not self._accept("where"):
            return ()
        conditions = [self._condition()]
        while self._accept("and"):
            conditions.append(self._condition())
        return tuple(conditions)

    def _condition(self) -> Condition:
        field = self._take("word").text
        if self._accept("in"):
            self._expect("(")
            values = [self._value()]
            while self._accept(","):
                values.append(self._value())
            self._expect(")")
            return Condition(field, "in", tuple(values))
        if self._accept("like"):
            return Condition(field, "like", (self._value(),))
        for operator in _OPERATORS:
            if self._accept(operator):
                return Condition(field, operator, (self._value(),))
        raise self._unexpected()

    def _value(self) -> str:
        token = self._peek()
        if token is None:
            raise self._unexpected()
        if token.kind == "text":
            self._next += 1
            return re.sub(r"\\(.)", r"\1", token.text[1:-1])
        if token.kind == "number" or token.text.casefold() in ("true", "false", "current_date"):
            self._next += 1
            return token.text
        raise self._unexpected()

    def _order(self) -> tuple[SortKey, ...]:
        if self._accept("order"):
            self._expect("by")
        elif not self._accept("orderby"):
            return ()
        keys = [self._sort_key()]
        while self._accept(","):
            keys.append(self._sort_key())
        return tuple(keys)

    def _sort_key(self) -> SortKey:
        field = self._take("word").text
        is_descending = self._accept("desc")
        if not is_descending:
            self._accept("asc")
        return SortKey(field, is_descending)

    def _paging(self) -> tuple[int, int]:
        start_position, max_results = 1, PAGE_SIZE_DEFAULT
        while True:
            if self._accept("startposition"):
                start_position = self._count()
            elif self._accept("maxresults"):
                max_results = self._count(most=PAGE_SIZE_MAX)
            else:
                return start_position, max_results

    def _count(self, *, most: int | None = None) -> int:
        text = self._take("number").text
        if not text.lstrip("-").isdigit():
            raise query_syntax(f'Encountered "{text}" where a whole number belongs.')
        if int(text) < 1:
            raise query_invalid(f"value {text} is too small. Min allowed value is 1")
        if most is not None and int(text) > most:
            raise query_invalid(f"value {text} is too large. Max allowed value is {most}")
        return int(text)

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _accept(self, text: str) -> bool:
        token = self._peek()
        if token is None or token.kind == "text" or token.text.casefold() != text:
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected()

    def _take(self, kind: str) -> _Token:
        token = self._peek()
        if token is None or token.kind != kind:
            raise self._unexpected()
        self._next += 1
        return token

    def _unexpected(self) -> Exception:
        token = self._peek()
        return query_syntax(f'Encountered "{token.text if token else "<EOF>"}".')
