"""Days and moments of the made-up company, and how the vendors write them.

Belongs here: the business calendar and the text of dates and times. Does not belong here: what
happens on a day. A *moment* is seconds on the clock of the API host (Pacific): its day times
86,400 plus the second of that day, so that moments order as the events did.
"""

from bisect import bisect_left
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from q2c_pipeline.sandbox.generate import profile

SECONDS_PER_DAY = 86_400
PACIFIC = ZoneInfo("America/Los_Angeles")
HOLIDAYS = frozenset({(1, 1), (7, 4), (12, 25)})


@cache
def day_text(day: int) -> str:
    return date.fromordinal(day).isoformat()


@cache
def is_business_day(day: int) -> bool:
    on = date.fromordinal(day)
    return on.weekday() < 5 and (on.month, on.day) not in HOLIDAYS


@cache
def business_day_from(day: int) -> int:
    """The day itself if the office is open, else the next one on which it is."""
    while not is_business_day(day):
        day += 1
    return day


@cache
def business_day_until(day: int) -> int:
    """The day itself if the office is open, else the last one before it on which it was."""
    while not is_business_day(day):
        day -= 1
    return day


@cache
def _pacific_offset(day: int) -> str:
    noon = datetime.combine(date.fromordinal(day), datetime.min.time(), PACIFIC).replace(hour=12)
    hours = int((noon.utcoffset() or timedelta()).total_seconds()) // 3600
    return f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00"


@cache
def _clock_text(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def moment_text(moment: int) -> str:
    """A QuickBooks timestamp, with the offset of the API host on that day."""
    day, second = divmod(moment, SECONDS_PER_DAY)
    return f"{day_text(day)}T{_clock_text(second)}{_pacific_offset(day)}"


def utc_text(moment: int) -> str:
    """A Salesforce timestamp of the same instant."""
    day, second = divmod(moment, SECONDS_PER_DAY)
    second -= int(_pacific_offset(day)[:3]) * 3600
    if second >= SECONDS_PER_DAY:
        day, second = day + 1, second - SECONDS_PER_DAY
    return f"{day_text(day)}T{_clock_text(second)}.000+0000"


def month_of(day: int) -> date:
    return date.fromordinal(day).replace(day=1)


@cache
def month_start(day: int) -> int:
    return month_of(day).toordinal()


def months_later(day: int, months: int) -> int:
    """The first day of the month that comes so many months after the day's own."""
    years, month = divmod(date.fromordinal(day).month - 1 + months, 12)
    return date(date.fromordinal(day).year + years, month + 1, 1).toordinal()


def _month_ends(first: int, last: int) -> tuple[int, ...]:
    ends: list[int] = []
    month = month_of(first)
    while True:
        following = (month + timedelta(days=32)).replace(day=1)
        end = following.toordinal() - 1
        if end > last:
            return tuple(ends)
        ends.append(end)
        month = following


#: Every month-end of the books, and the clock's own date.
AS_OF_DAYS = (*_month_ends(profile.BOOKS_BEGIN, profile.CLOCK_DAY - 1), profile.CLOCK_DAY)


def first_as_of(day: int) -> int:
    """The position in ``AS_OF_DAYS`` of the first date that knows of ``day``."""
    return bisect_left(AS_OF_DAYS, day)
