"""What a SOQL query asks, as a tree.

Belongs here: the shapes. Does not belong here: reading text (``soql``) and finding rows
(``search``).
"""

from typing import NamedTuple

FieldPath = tuple[str, ...]
"""``("Owner", "Name")``: relationships first, the field last."""


class Literal(NamedTuple):
    """``kind`` is text, number, boolean, datetime, date or null; ``text`` as meant, unescaped.

    In ``like_text`` the backslash before a wildcard is kept.
    """

    kind: str
    text: str
    like_text: str = ""


class Comparison(NamedTuple):
    """``operator`` is one of ``= != < <= > >= LIKE``, or ``IN``/``NOT IN`` with several values."""

    field: FieldPath
    operator: str
    values: tuple[Literal, ...]


class Junction(NamedTuple):
    """``word`` is AND or OR."""

    word: str
    parts: tuple["Condition", ...]


class Negation(NamedTuple):
    part: "Condition"


Condition = Comparison | Junction | Negation


class OrderKey(NamedTuple):
    field: FieldPath
    is_descending: bool
    nulls_last: bool


class Query(NamedTuple):
    """``fields`` is empty for ``COUNT()``."""

    object: str
    fields: tuple[FieldPath, ...]
    where: Condition | None
    order_by: tuple[OrderKey, ...]
    limit: int | None
    offset: int

    @property
    def is_count(self) -> bool:
        return not self.fields
