"""The stages that a deal goes through, and what it looked like at each.

Belongs here: stages and steps. Does not belong here: which steps a deal takes (``histories``).
"""

from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY

OFFICE_MORNING, OFFICE_MORNING_SECONDS = 7 * 3600, 5 * 3600


class Stage(NamedTuple):
    name: str
    probability: int
    forecast: str

    @property
    def is_closed(self) -> bool:
        return self.forecast in ("Closed", "Omitted")


PROSPECTING = Stage("Prospecting", 10, "Pipeline")
QUALIFICATION = Stage("Qualification", 25, "Pipeline")
PROPOSAL = Stage("Proposal/Price Quote", 60, "BestCase")
NEGOTIATION = Stage("Negotiation/Review", 80, "Forecast")
WON = Stage("Closed Won", 100, "Closed")
LOST = Stage("Closed Lost", 0, "Omitted")
OPEN_STAGES = (PROSPECTING, QUALIFICATION, PROPOSAL, NEGOTIATION)


class Step(NamedTuple):
    """What the deal looked like from ``moment`` on; ``amount`` in cents, None if nobody knew."""

    moment: int
    stage: Stage
    amount: int | None
    close_day: int

    @property
    def day(self) -> int:
        return self.moment // SECONDS_PER_DAY


def morning(day: int, random: Random) -> int:
    """Some moment of the day at which sales works, the same day in every office of the firm."""
    return day * SECONDS_PER_DAY + OFFICE_MORNING + random.randrange(OFFICE_MORNING_SECONDS)
