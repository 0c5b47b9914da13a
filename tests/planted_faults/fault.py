"""A planted fault and what becomes of it, as values, and the table that tells of all.

Belongs here: what planting, reading and judging share. Does not belong here: doing any of it.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

import httpx
import msgspec

Key: TypeAlias = tuple[str, str]
"""A record: the vendor's name for its kind, and its id."""
Payload: TypeAlias = dict[str, Any]


class Fault(NamedTuple):
    """One record that stands otherwise at the vendor than the last run left it here."""

    kind: str
    key: Key


class Outcome(StrEnum):
    """What repaired a fault. The next run is the one after it, or the one that it happened in."""

    NEXT_RUN = "next run"
    LATER_RUN = "later run"
    WEEKLY_LISTING = "weekly listing"
    MISSED = "missed"


Tally: TypeAlias = Counter[tuple[str, str, Outcome]]
"""Faults by kind, system and outcome."""


class Refused(Exception):
    """The vendor does not do to this record what was asked for."""


def refuse(answer: httpx.Response) -> None:
    """Raises Refused for what the vendor refuses, and fails for what it should not answer."""
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
    if not answer.is_success:
        raise Refused(answer.text)


def exact(text: str) -> Payload:
    """A JSON object with its amounts as Decimals of the digits on the wire."""
    found: Payload = msgspec.json.Decoder(float_hook=Decimal).decode(text)
    return found


def lines_of(tally: Tally) -> Iterator[str]:
    """The tally as a table, a line for each kind and system."""
    yield "| Kind | System | Planted | Next run | Later run | Weekly listing | Missed |"
    yield "|---|---|---|---|---|---|---|"
    for kind, system in sorted({(kind, system) for kind, system, _ in tally}):
        counts = [tally[kind, system, outcome] for outcome in Outcome]
        yield f"| {kind} | {system} | {sum(counts)} | {' | '.join(map(str, counts))} |"
    totals = [
        sum(count for (_, _, found), count in tally.items() if found is outcome)
        for outcome in Outcome
    ]
    yield f"| all | both | {sum(totals)} | {' | '.join(map(str, totals))} |"
