"""The euro's daily rate in dollars.

Belongs here: one rate for each day. Does not belong here: what is done with it.
"""

from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import is_business_day
from q2c_pipeline.sandbox.generate.money import RATE_UNIT

LEAD_DAYS = 31
OPENING_RATE = 1_104_000
RATE_MIN, RATE_MAX = 1_020_000, 1_190_000
DAILY_MOVE_MAX = 6_500


class Rates(NamedTuple):
    """``euro[i]`` is the rate of the day ``first_day + i``, up to the clock's date."""

    first_day: int
    euro: tuple[int, ...]

    def on(self, day: int, currency: str) -> int:
        if currency == profile.HOME_CURRENCY:
            return RATE_UNIT
        return self.euro[min(day - self.first_day, len(self.euro) - 1)]


def make_rates(seed: int) -> Rates:
    """A walk inside a band; weekends keep Friday's rate."""
    random = stream(seed, "rates")
    first_day = profile.BOOKS_BEGIN - LEAD_DAYS
    rate, rates = OPENING_RATE, []
    for day in range(first_day, profile.CLOCK_DAY + 1):
        if is_business_day(day):
            rate += random.randint(-DAILY_MOVE_MAX, DAILY_MOVE_MAX)
            rate = min(max(rate, RATE_MIN), RATE_MAX)
        rates.append(rate)
    return Rates(first_day, tuple(rates))
