"""How events are tied to each other, and what shows that somebody has touched them since.

Belongs here: the hash of an event and the search for what does not fit. Does not belong here: where
events are kept.

The hash of an event covers the text of all its fields, its number and the hash before it included.
So nothing that has an event after it can be changed, moved, put in or taken out unseen. What has
nothing after it is held by heads that are kept outside the ledger. Whoever may append can append
what is untrue: who may is the database's to say.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

START = "0" * 64
"""What stands before the first event in place of a hash."""


@dataclass(frozen=True)
class Head:
    """The number of the last event, which is also how many there are, and its hash.

    ``seen_in`` says where it is kept, for sentences.
    """

    count: int
    hash: str
    seen_in: str = "the ledger"


BEGINNING = Head(0, START)
RESTORED = ("Ledger", "restored")
"""Object and key of the event by which a person says that the ledger came from a backup."""
LOST = "lost"
"""In the detail of that event: the hashes of what others had seen and it has not."""


class Chained(Protocol):
    """What keeps events, as verifying sees it."""

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Every event as it is stored, by number."""
        ...


def hash_of(fields: Mapping[str, Any]) -> str:
    """The hash over every field but ``hash`` itself, each as it is stored.

    A field that says nothing is left out, so that a column of a later release changes no hash.
    """
    said = {name: value for name, value in fields.items() if name != "hash" and value is not None}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


class Followed(NamedTuple):
    """How far a chain was followed: the head there, the hashes on the way, and what stopped it."""

    head: Head
    hashes: list[str]
    broken: str | None


class Examined(NamedTuple):
    """What is wrong, in sentences, and the events that were seen outside and are not there."""

    sentences: list[str]
    lost: list[Head]


def verify(ledger: Chained, outside: Sequence[Head] = ()) -> list[str]:
    """What is wrong with the ledger, in sentences; empty when it is sound.

    The chain is followed to the first event that does not fit; what comes after it proves nothing.
    Heads kept ``outside`` show what the chain cannot: a tail that was cut off, or history that was
    written anew from some event on. What a person has said to be lost is no contradiction.
    """
    return examine(ledger, outside).sentences


def examine(ledger: Chained, outside: Sequence[Head]) -> Examined:
    """The same, with what is lost one by one."""
    known_lost: set[str] = set()
    head, hashes, broken = follow(_noting_losses(ledger.rows(), known_lost))
    if broken is not None:
        sound = f" Events 1 to {head.count} are sound." if head.count else ""
        return Examined([broken + sound], [])
    lost = [
        one
        for one in sorted(outside, key=lambda one: one.count)
        if one.count and one.hash not in known_lost and one.hash not in hashes[one.count - 1 :][:1]
    ]
    places = dict.fromkeys(one.seen_in for one in lost)
    return Examined(
        [_contradiction(len(hashes), [one for one in lost if one.seen_in == p]) for p in places],
        lost,
    )


def _noting_losses(
    rows: Iterable[Mapping[str, Any]], lost: set[str]
) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        yield row
        # Whoever follows comes back only if the event fits.
        if (row["object"], row["key"]) == RESTORED:
            lost.update(json.loads(row["detail"])[LOST])


def follow(rows: Iterable[Mapping[str, Any]], after: Head = BEGINNING) -> Followed:
    """Follows events, as they are stored, that should come right after a head."""
    remaining = iter(rows)
    head, hashes = after, list[str]()
    for row in remaining:
        if (broken := _misfit(row, head, remaining)) is not None:
            return Followed(head, hashes, broken)
        head = Head(row["sequence"], row["hash"])
        hashes.append(head.hash)
    return Followed(head, hashes, None)


def _misfit(row: Mapping[str, Any], head: Head, rest: Iterable[Mapping[str, Any]]) -> str | None:
    """Why an event does not come right after ``head``; None if it does."""
    number, expected = row["sequence"], head.count + 1
    if number < expected:
        return f"Event {number}{_subject(row)} was put in: the ledger begins with event 1."
    if number > expected:
        one_or_more = (
            f" {expected} is" if number == expected + 1 else f"s {expected} to {number - 1} are"
        )
        return f"Event{one_or_more} missing: the next one is event {number}{_subject(row)}."
    if row["hash"] != hash_of(row):
        return _unlike(row, head.hash, rest)
    if row["previous_hash"] != head.hash:
        return (
            f"Event {number}{_subject(row)} does not follow on what is before it: one of the two"
            " was put in, or written anew with a hash of its own."
        )
    return None


def _unlike(row: Mapping[str, Any], before: str, rest: Iterable[Mapping[str, Any]]) -> str:
    """What became of an event whose hash is not that of its fields."""
    number = row["sequence"]
    for other in rest:
        if hash_of({**other, "sequence": number}) == other["hash"]:
            return (
                f"Event {number} was moved: it now stands at number {other['sequence']}, and"
                f" another one stands in its place{_subject(row)}."
            )
    if row["previous_hash"] == before:
        return f"Event {number}{_subject(row)} was changed: its hash is not that of its fields."
    return f"Event {number}{_subject(row)} is not of this chain: it was put in, moved or changed."


def _contradiction(count: int, lost: Sequence[Head]) -> str:
    """What one place that keeps heads has seen and the ledger does not bear out."""
    first, last = lost[0], lost[-1]
    if first.count <= count:
        return (
            f"Event {first.count} is not the one that {first.seen_in} has seen: the ledger was"
            " written anew from there on, or comes from a backup."
        )
    ends = f"ends with event {count}" if count else "is empty"
    return (
        f"The tail is cut off: the ledger {ends}, and {last.seen_in} has seen event {last.count}."
    )


def _subject(row: Mapping[str, Any]) -> str:
    return f" ({row['state']}, {row['target_system']} {row['object']} {row['key']})"
