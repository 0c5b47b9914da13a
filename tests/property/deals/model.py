"""What the pipeline's section of the bridge should say of a deal, reckoned one deal at a time.

Belongs here: the definitions of finance. Does not belong here: SQL, or any of its words.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from tests.property.deals.lives import LOST, OPEN, TIME_ZONES, WON, Deal, Line, State

CENT = Decimal("0.01")
ONE_DAY = timedelta(days=1)
RATES = {
    "USD": [(date(2025, 1, 1), Decimal(1))],
    "EUR": [
        (date(2025, 9, 30), Decimal("1.1")),
        (date(2025, 10, 15), Decimal("1.07251")),
        (date(2025, 11, 12), Decimal("1.16")),
        (date(2025, 12, 31), Decimal("1.2")),
        (date(2026, 1, 1), Decimal("1.13")),
        (date(2026, 2, 5), Decimal("1.15")),
        (date(2026, 3, 1), Decimal("1.145")),
    ],
    "GBP": [(date(2025, 1, 1), Decimal("1.25"))],
}
"""Home units for one, from a day on; the first holds before it too."""
AMOUNT_OF = dict[tuple[date, str], Decimal]
"""By month and category, in home currency."""


def contributions(deal: Deal, as_of: date) -> AMOUNT_OF:
    found: AMOUNT_OF = {}
    for month in _months(deal, as_of):
        for category, amount in _explained(deal, month, as_of):
            if amount:
                found[month, category] = amount
    return found


def booked_in(deal: Deal, as_of: date) -> date | None:
    """The first day of the month of its booking."""
    now = deal.versions[-1]
    is_booked = now.stage == WON and not now.is_deleted and now.close_date <= as_of
    return now.close_date.replace(day=1) if is_booked else None


def booked_home(deal: Deal) -> Decimal:
    now = deal.versions[-1]
    return _home(now.amount or Decimal(0), now.currency, now.close_date)


def _months(deal: Deal, as_of: date) -> list[date]:
    months = {month} if (month := booked_in(deal, as_of)) else set()
    month = _local_date(deal, deal.created).replace(day=1)
    while month <= as_of:
        months.add(month)
        month = _next(month)
    return sorted(months)


def _explained(deal: Deal, month: date, as_of: date) -> Iterator[tuple[str, Decimal]]:
    now = deal.versions[-1]
    at_start = _state_at(deal, _midnight(deal, month))
    ended = _ended(deal)
    was_open = (
        at_start is not None
        and _is_open(at_start, month)
        and not (ended is not None and ended < month)
    )
    is_booked = booked_in(deal, as_of) == month
    booked = booked_home(deal)
    if is_booked:
        yield "closing", booked
    if at_start is None or not was_open:
        if is_booked:
            yield "opened_in_month", booked
        return
    amount = at_start.amount or Decimal(0)
    opening = _home(amount, at_start.currency, month - ONE_DAY)
    is_expected = at_start.close_date < _next(month)
    if is_expected:
        yield "opening", opening
    if is_booked:
        if not is_expected:
            yield "pulled_in", opening
        at_close = _home(amount, at_start.currency, now.close_date)
        scope = _home(_scope(deal, month, at_start), now.currency, now.close_date)
        yield "fx", at_close - opening
        yield "scope", scope
        yield "pricing", booked - at_close - scope
    elif is_expected:
        is_lost = _is_lost(deal, month, ended, as_of)
        yield "lost" if is_lost else "slipped", -opening


def _is_open(state: State, day: date) -> bool:
    """As that day begins: closed for the day itself or a later one is open."""
    return not state.is_deleted and (state.stage == OPEN or state.close_date >= day)


def _is_lost(deal: Deal, month: date, ended: date | None, as_of: date) -> bool:
    if ended is not None and ended < _next(month) and ended <= as_of:
        return True
    if _next(month) > as_of:
        return False
    at_end = _state_at(deal, _midnight(deal, _next(month)))
    assert at_end is not None
    return at_end.is_deleted or (at_end.stage == LOST and not _is_open(at_end, _next(month)))


def _ended(deal: Deal) -> date | None:
    """When the deal, as it is now, was closed or deleted."""
    now = deal.versions[-1]
    days = [] if now.stage == OPEN else [now.close_date]
    if now.is_deleted:
        deleted = now.moment
        for state in reversed(_sightings(deal)):
            if not state.is_deleted:
                break
            deleted = state.moment
        days.append(_local_date(deal, deleted))
    return min(days, default=None)


def _state_at(deal: Deal, moment: datetime) -> State | None:
    seen = _sightings(deal)
    before = [state for state in seen if state.moment < moment]
    if before:
        return before[-1]
    if deal.created >= moment:
        return None
    first = [state for state in seen if state.moment == seen[0].moment][-1]
    return replace(first, stage=OPEN, is_deleted=False)


def _sightings(deal: Deal) -> list[State]:
    """In the order of time; of one moment, what was read of the deal itself counts last."""
    return sorted([*deal.history, *deal.versions], key=lambda state: state.moment)


def _scope(deal: Deal, month: date, at_start: State) -> Decimal:
    """Quantities at the prices of the start; nothing where lines do not tell the amounts."""
    now = deal.versions[-1]
    before: dict[str, Line] = {}
    after: dict[str, Line] = {}
    for line_id, life in deal.lines.items():
        moment = _midnight(deal, month)
        known = [line for seen, line in life.versions if seen < moment]
        if not known and life.created < moment:
            return Decimal(0)
        if known and known[-1]:
            before[line_id] = known[-1]
        if present := life.versions[-1][1]:
            after[line_id] = present
    is_told = (
        now.currency == at_start.currency
        and _total(before) == (at_start.amount or 0)
        and _total(after) == (now.amount or 0)
    )
    if not is_told:
        return Decimal(0)
    change = Decimal(0)
    for line_id in {**before, **after}:
        price = (before.get(line_id) or after[line_id]).price
        quantities = [
            lines[line_id].quantity if line_id in lines else 0 for lines in (before, after)
        ]
        change += (quantities[1] - quantities[0]) * price
    return change


def _total(lines: dict[str, Line]) -> Decimal:
    return sum((line.quantity * line.price for line in lines.values()), Decimal(0))


def _home(amount: Decimal, currency: str, day: date) -> Decimal:
    dated = RATES[currency]
    rate = [rate for since, rate in dated if since <= day or since == dated[0][0]][-1]
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def _midnight(deal: Deal, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(TIME_ZONES[deal.entity])).astimezone(UTC)


def _local_date(deal: Deal, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(TIME_ZONES[deal.entity])).date()


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
