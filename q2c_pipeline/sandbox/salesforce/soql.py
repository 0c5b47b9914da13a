"""SOQL text read into a tree (``soql_tree``).

Belongs here: the grammar that this sandbox serves, and MALFORMED_QUERY for the rest. Does not
belong here: whether an object or field exists, and finding rows. It is not sqlglot's business:
SOQL has bare datetimes, backslash escapes and objects called Order, Case and Group.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from q2c_pipeline.sandbox.salesforce.faults import Refusal, malformed_query
from q2c_pipeline.sandbox.salesforce.moments import is_date, parsed_moment
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

QUERY_CHARACTERS_MAX = 100_000
OFFSET_MAX = 2000
ROWS_DIGITS_MAX = 9
NESTING_DEPTH_MAX = 100

Item = TypeVar("Item")


class Token(NamedTuple):
    kind: str
    text: str


TOKEN_FORM = re.compile(
    r"""\s+
    | (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)(?![\w-])
    | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w])
    | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<mark><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
WILDCARDS = "_%"
END = Token("end", "<EOF>")


def parse(text: str) -> Query:
    """The query that ``text`` asks.

    Raises ``Refusal`` (MALFORMED_QUERY) for what is not in the grammar.
    """
    if len(text) > QUERY_CHARACTERS_MAX:
        raise malformed_query(f"SOQL statements cannot be longer than {QUERY_CHARACTERS_MAX}")
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[Token]:
    tokens, position = [], 0
    while position < len(text):
        match = TOKEN_FORM.match(text, position)
        if match is None:
            if text[position] == "'":
                raise malformed_query("Bind variables only allowed in Apex code")
            raise malformed_query(f"unexpected token: '{text[position]}'")
        position = match.end()
        if match.lastgroup:
            tokens.append(Token(match.lastgroup, match.group()))
    return [*tokens, END]


class _Parser:
    """Recursive descent: one method per rule, each leaves the position behind what it read."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def query(self) -> Query:
        self._expect_word("SELECT")
        fields = self._selection()
        self._expect_word("FROM")
        object_name = self._next("word").text
        where = self._condition() if self._take_word("WHERE") else None
        order_by: tuple[OrderKey, ...] = ()
        if self._take_word("ORDER"):
            self._expect_word("BY")
            order_by = self._listed(self._order_key)
        limit = self._bound() if self._take_word("LIMIT") else None
        offset = self._bound() if self._take_word("OFFSET") else 0
        if offset > OFFSET_MAX:
            raise malformed_query(f"Maximum SOQL offset allowed is {OFFSET_MAX}")
        if self._peek() is not END:
            raise self._unexpected()
        return Query(object_name, fields, where, order_by, limit, offset)

    def _selection(self) -> tuple[FieldPath, ...]:
        following = self._tokens[self._position : self._position + 3]
        if [token.text.upper() for token in following] == ["COUNT", "(", ")"]:
            self._position += 3
            return ()
        fields = self._listed(self._field)
        lowered = [tuple(step.lower() for step in field) for field in fields]
        for field, key in zip(fields, lowered, strict=True):
            if lowered.count(key) > 1:
                raise malformed_query(f"duplicate field selected: {'.'.join(field)}")
        return fields

    def _condition(self) -> Condition:
        """AND and OR may not stand side by side without parentheses, as in the real grammar."""
        parts = [self._factor()]
        word = self._peek().text.upper()
        if word in ("AND", "OR"):
            while self._take_word(word):
                parts.append(self._factor())
        if self._peek().text.upper() in ("AND", "OR"):
            raise self._unexpected()
        return Junction(word, tuple(parts)) if len(parts) > 1 else parts[0]

    def _factor(self) -> Condition:
        self._depth += 1
        if self._depth > NESTING_DEPTH_MAX:
            raise malformed_query("condition is nested too deeply")
        factor: Condition
        if self._take_word("NOT"):
            factor = Negation(self._factor())
        elif self._take_mark("("):
            factor = self._condition()
            self._expect_mark(")")
        else:
            factor = self._comparison()
        self._depth -= 1
        return factor

    def _comparison(self) -> Comparison:
        field = self._field()
        if self._take_word("LIKE"):
            return Comparison(field, "LIKE", (self._literal(),))
        if self._take_word("NOT"):
            self._expect_word("IN")
            return Comparison(field, "NOT IN", self._literals())
        if self._take_word("IN"):
            return Comparison(field, "IN", self._literals())
        operator = self._next("mark").text
        if operator not in ("=", "!=", "<>", "<", "<=", ">", ">="):
            raise self._unexpected(back=1)
        return Comparison(field, "!=" if operator == "<>" else operator, (self._literal(),))

    def _literals(self) -> tuple[Literal, ...]:
        self._expect_mark("(")
        literals = self._listed(self._literal)
        self._expect_mark(")")
        return literals

    def _literal(self) -> Literal:
        token = self._peek()
        self._position += 1
        if token.kind == "text":
            return Literal("text", *_unescaped(token.text[1:-1]))
        if token.kind == "number":
            return Literal("number", token.text)
        if token.kind == "datetime" and parsed_moment(token.text):
            return Literal("datetime", token.text)
        if token.kind == "date" and is_date(token.text):
            return Literal("date", token.text)
        if token.text.upper() in ("TRUE", "FALSE"):
            return Literal("boolean", token.text.lower())
        if token.text.upper() == "NULL":
            return Literal("null", "")
        raise self._unexpected(back=1)

    def _order_key(self) -> OrderKey:
        field = self._field()
        is_descending = self._take_word("DESC")
        if not is_descending:
            self._take_word("ASC")
        nulls_last = False
        if self._take_word("NULLS"):
            nulls_last = self._take_word("LAST")
            if not nulls_last:
                self._expect_word("FIRST")
        return OrderKey(field, is_descending, nulls_last)

    def _field(self) -> FieldPath:
        return tuple(self._next("word").text.split("."))

    def _bound(self) -> int:
        token = self._next("number")
        if not token.text.isdigit() or len(token.text) > ROWS_DIGITS_MAX:
            raise self._unexpected(back=1)
        return int(token.text)

    def _listed(self, item: Callable[[], Item]) -> tuple[Item, ...]:
        items = [item()]
        while self._take_mark(","):
            items.append(item())
        return tuple(items)

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _next(self, kind: str) -> Token:
        token = self._peek()
        if token.kind != kind:
            raise self._unexpected()
        self._position += 1
        return token

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        is_it = token.kind == "word" and token.text.upper() == word
        self._position += is_it
        return is_it

    def _take_mark(self, mark: str) -> bool:
        is_it = self._peek() == Token("mark", mark)
        self._position += is_it
        return is_it

    def _expect_word(self, word: str) -> None:
        if not self._take_word(word):
            raise self._unexpected()

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise self._unexpected()

    def _unexpected(self, *, back: int = 0) -> Refusal:
        return malformed_query(f"unexpected token: '{self._tokens[self._position - back].text}'")


def _unescaped(quoted: str) -> tuple[str, str]:
    """The text meant by a literal, and the same with its wildcards' backslashes left for LIKE."""
    plain, for_like, position = "", "", 0
    while position < len(quoted):
        character = quoted[position]
        position += 1
        if character != "\\":
            plain += character
            for_like += character
            continue
        escape = quoted[position]
        position += 1
        if escape in WILDCARDS:
            plain += escape
            for_like += "\\" + escape
        elif escape in ESCAPES:
            plain += ESCAPES[escape]
            for_like += "\\\\" if escape == "\\" else ESCAPES[escape]
        else:
            raise malformed_query(f"Illegal string literal: Invalid string escape '\\{escape}'")
    return plain, for_like
