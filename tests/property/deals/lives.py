"""Lives of deals as chance has them, and what of a life somebody could read afterwards.

Belongs here: what happened and what was seen of it. Does not belong here: what it means.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

OPEN, WON, LOST = "Proposal", "Closed Won", "Closed Lost"
CURRENCIES = ("USD", "EUR", "EUR", "GBP")
TIME_ZONES = {"101": "UTC", "102": "America/Los_Angeles", "103": "Asia/Tokyo"}
"""By realm; each has an edge of the month of its own."""
FIRST_DAY = date(2025, 7, 1)
CREATION_DAYS = 265
LAST_MOMENT = datetime(2026, 3, 31, 12, tzinfo=UTC)
PAUSES = (0, 30, 4_000, 800_000, 2_500_000, 2_500_000, 5_000_000)
"""Seconds between two changes: some come in one moment, some months later."""
EVENTS_MAX = 8
STAYS_CLOSED = 0.6
EVIDENCE = ("history", "versions", "both", "present")


class Line(NamedTuple):
    quantity: int
    price: Decimal


@dataclass(frozen=True)
class State:
    """A deal from ``moment`` on."""

    moment: datetime
    stage: str
    amount: Decimal | None
    currency: str
    close_date: date
    is_deleted: bool
    lines: Mapping[str, Line]


@dataclass(frozen=True)
class LineLife:
    """``versions`` are those that were read; None means removed."""

    created: datetime
    last: Line
    versions: list[tuple[datetime, Line | None]]


@dataclass(frozen=True)
class Deal:
    """``history`` is what the CRM remembers, ``versions`` what was read of the deal itself."""

    id: str
    entity: str
    created: datetime
    history: list[State]
    versions: list[State]
    lines: dict[str, LineLife]


def made_up_deal(seed: int) -> Deal:
    chance = random.Random(seed)
    deal_id = f"006{seed:06}"
    entity = chance.choice(list(TIME_ZONES))
    states = list(_life(chance, deal_id, ZoneInfo(TIME_ZONES[entity])))
    evidence = chance.choice(EVIDENCE)
    are_versions_kept = evidence in ("versions", "both")
    return Deal(
        id=deal_id,
        entity=entity,
        created=states[0].moment,
        history=_remembered(states) if evidence in ("history", "both") else [],
        versions=_last_of_moments(states) if are_versions_kept else states[-1:],
        lines=_line_lives(states, are_versions_kept=are_versions_kept),
    )


def _life(chance: random.Random, deal_id: str, zone: ZoneInfo) -> Iterator[State]:
    day = FIRST_DAY + timedelta(days=chance.randrange(CREATION_DAYS))
    moment = datetime.combine(day, time(chance.randrange(24)), tzinfo=UTC)
    if chance.random() < 0.1:
        moment = _edge_of_month(chance, moment, zone)
    state = State(
        moment=moment,
        stage=chance.choices((OPEN, WON, LOST), (18, 1, 1))[0],
        amount=None if chance.random() < 0.1 else _amount(chance),
        currency=chance.choice(CURRENCIES),
        close_date=day + timedelta(days=chance.randint(-20, 90)),
        is_deleted=False,
        lines={},
    )
    if chance.random() < 0.6:
        state = _line_added(chance, state)
    yield state
    for _ in range(chance.randrange(EVENTS_MAX + 1)):
        if state.stage != OPEN and chance.random() < STAYS_CLOSED:
            return
        moment = state.moment + timedelta(seconds=chance.choice(PAUSES))
        if chance.random() < 0.1:
            moment = _edge_of_month(chance, moment, zone)
        if moment >= LAST_MOMENT:
            return
        state = _change(chance, replace(state, moment=moment))
        yield state


def _edge_of_month(chance: random.Random, moment: datetime, zone: ZoneInfo) -> datetime:
    """The next midnight, where the company is, at which a month begins, or a second around it."""
    local = moment.astimezone(zone).date()
    next_month = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    midnight = datetime.combine(next_month, time(), tzinfo=zone)
    return midnight.astimezone(UTC) + timedelta(seconds=chance.choice((-1, 0, 1)))


def _change(chance: random.Random, state: State) -> State:
    if state.is_deleted:
        return replace(state, is_deleted=False)
    changes: list[Callable[[random.Random, State], State]] = [
        _repriced,
        _pushed,
        _pulled,
        _lost,
        _reopened,
        _deleted,
        _recurrency,
    ]
    changes += [_won] * 7
    if state.lines:
        changes += LINE_CHANGES
    return chance.choice(changes)(chance, state)


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(-2_000, chance.choice((999, 500_000, 90_000_000)))) / 100


def _repriced(chance: random.Random, state: State) -> State:
    """With lines, the amount is from now on another than theirs."""
    return replace(state, amount=None if chance.random() < 0.2 else _amount(chance))


def _pushed(chance: random.Random, state: State) -> State:
    return replace(state, close_date=state.close_date + timedelta(days=chance.randint(1, 90)))


def _pulled(chance: random.Random, state: State) -> State:
    return replace(state, close_date=state.close_date - timedelta(days=chance.randint(1, 90)))


def _won(chance: random.Random, state: State) -> State:
    """Often with a last concession."""
    if state.lines and chance.random() < 0.5:
        state = chance.choice(LINE_CHANGES)(chance, state)
    return replace(state, stage=WON, close_date=_close_date(chance, state))


def _lost(chance: random.Random, state: State) -> State:
    return replace(state, stage=LOST, close_date=_close_date(chance, state))


def _close_date(chance: random.Random, state: State) -> date:
    """Of the day mostly; some are entered late, some ahead, some with a year long gone."""
    day = state.moment.date()
    return chance.choice(
        (
            day, day, day, state.close_date,
            day - timedelta(days=chance.randint(1, 60)),
            day + timedelta(days=chance.randint(1, 60)),
            day.replace(year=2019, day=1),
        )
    )  # fmt: skip


def _reopened(chance: random.Random, state: State) -> State:
    expected = state.moment.date() + timedelta(days=chance.randint(0, 70))
    return replace(state, stage=OPEN, close_date=expected)


def _deleted(chance: random.Random, state: State) -> State:
    return replace(state, is_deleted=chance.random() < 0.7)


def _recurrency(chance: random.Random, state: State) -> State:
    return replace(state, currency=chance.choice(CURRENCIES))


def _line_added(chance: random.Random, state: State) -> State:
    line_id = f"00k{state.moment:%Y%m%d%H%M%S}{chance.randrange(10**8):08}"
    line = Line(chance.randint(1, 9), Decimal(chance.randint(1, 90_000)) / 100)
    return _with_lines(state, {**state.lines, line_id: line})


def _line_removed(chance: random.Random, state: State) -> State:
    line_id = chance.choice(list(state.lines))
    return _with_lines(state, {id: line for id, line in state.lines.items() if id != line_id})


def _line_requantified(chance: random.Random, state: State) -> State:
    line_id, line = chance.choice(list(state.lines.items()))
    return _with_lines(
        state, {**state.lines, line_id: line._replace(quantity=chance.randint(1, 12))}
    )


def _line_repriced(chance: random.Random, state: State) -> State:
    line_id, line = chance.choice(list(state.lines.items()))
    price = Decimal(chance.randint(1, 90_000)) / 100
    return _with_lines(state, {**state.lines, line_id: line._replace(price=price)})


def _with_lines(state: State, lines: Mapping[str, Line]) -> State:
    amount = sum((line.quantity * line.price for line in lines.values()), Decimal(0))
    return replace(state, lines=lines, amount=amount)


LINE_CHANGES = (_line_added, _line_removed, _line_requantified, _line_repriced)


def _remembered(states: list[State]) -> list[State]:
    """An entry for each change of what a CRM keeps a history of; deletions are not in it."""

    def kept(state: State) -> tuple[object, ...]:
        return state.stage, state.amount, state.currency, state.close_date

    entries = states[:1] + [
        after for before, after in pairwise(states) if kept(before) != kept(after)
    ]
    return [replace(entry, is_deleted=False) for entry in entries]


def _last_of_moments(states: list[State]) -> list[State]:
    return list({state.moment: state for state in states}.values())


def _line_lives(states: list[State], *, are_versions_kept: bool) -> dict[str, LineLife]:
    changes: dict[str, list[tuple[datetime, Line | None]]] = {}
    for state in states:
        for line_id in {**changes, **state.lines}:
            line = state.lines.get(line_id)
            known = changes.setdefault(line_id, [])
            if not known or known[-1][1] != line:
                known.append((state.moment, line))
    return {
        line_id: LineLife(
            created=all_of_it[0][0],
            last=[line for _, line in all_of_it if line][-1],
            versions=list(dict(all_of_it).items()) if are_versions_kept else all_of_it[-1:],
        )
        for line_id, all_of_it in changes.items()
    }
