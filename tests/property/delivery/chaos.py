"""When a simulated process dies, and what time it is.

Belongs here: chance, and the clock. Does not belong here: what a vendor does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 7, 1, 9, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone. Nothing may catch it."""


@dataclass
class Clock:
    """Moves when it is told to; ``sleep`` takes no time of ours."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Chaos:
    """Kills at one of the points that a delivery passes: ``steps_left`` from now on."""

    random: Random
    steps_left: int | None = None
    passed: int = field(default=0)

    def point(self) -> None:
        self.passed += 1
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left <= 0:
                self.steps_left = None
                raise Killed

    def around(self, act: Callable[[], object]) -> None:
        self.point()
        act()
        self.point()
