"""Which records get a lookalike, and what it is: cards in pairs.

Belongs here: choosing among the records that are there, and how many of each kind. Does not belong
here: what a kind does, and the records that are made of the cards.
"""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from q2c_pipeline.sandbox.generate.likeness.cards import Card, Draw
from q2c_pipeline.sandbox.generate.likeness.strangers import TRAPS
from q2c_pipeline.sandbox.generate.likeness.twins import AGAIN, DIRT, TWICE, Dirt, twin_of

#: So many customers for one pair of each kind.
CUSTOMERS_PER_PAIR = 55
ATTEMPTS_MAX = 8

Record = TypeVar("Record")


class Pair(NamedTuple, Generic[Record]):
    """Two records that look alike; ``is_duplicate`` says that they are one company."""

    kind: str
    is_duplicate: bool
    one: Record
    other: Record


class Sketch(NamedTuple, Generic[Record]):
    """A pair before it is made: of a record that is there, or of two new ones if it is None."""

    kind: str
    is_duplicate: bool
    known: Record | None
    one: Card
    other: Card
    is_child: bool = False


def pairs_of_each(customers: int) -> int:
    return max(customers // CUSTOMERS_PER_PAIR, 1)


def sketch_pairs(
    known: list[tuple[Record, Card]], each: int, draw: Draw
) -> Iterator[Sketch[Record]]:
    """So many of each kind; takes from the end of ``known``, no record for two kinds."""
    for dirt in DIRT:
        for _ in range(each):
            record, card = _first(known, dirt.first, dirt.suits, draw)
            yield Sketch(dirt.kind, True, record, card, _twin(card, dirt, draw))
            if dirt.kind == TWICE:
                yield Sketch(AGAIN.kind, True, record, card, _twin(card, AGAIN, draw))
    for trap in TRAPS:
        for _ in range(each):
            record, card = _first(known, trap.first, _is_at_home, draw)
            other = _named_anew(card, trap.second, draw)
            yield Sketch(trap.kind, False, record, card, other, trap.is_child)


def _is_at_home(card: Card) -> bool:
    return bool(card.address.state)


def _first(
    known: list[tuple[Record, Card]],
    make: Callable[[Draw], Card] | None,
    suits: Callable[[Card], bool],
    draw: Draw,
) -> tuple[Record, Card] | tuple[None, Card]:
    if make is None:
        return known.pop(next(at for at in reversed(range(len(known))) if suits(known[at][1])))
    card = make(draw)
    draw.take(card.name)
    return None, card


def _twin(card: Card, dirt: Dirt, draw: Draw) -> Card:
    return _named_anew(card, lambda card, draw: twin_of(card, dirt, draw), draw)


def _named_anew(card: Card, make: Callable[[Card, Draw], Card], draw: Draw) -> Card:
    """With a name that is free, or, where names may repeat, the same."""
    for _ in range(ATTEMPTS_MAX):
        other = make(card, draw)
        if draw.is_free(other.name) or (draw.repeats_names and other.name == card.name):
            draw.take(other.name)
            return other
    raise ValueError(f"Every name like {card.name!r} is taken")
