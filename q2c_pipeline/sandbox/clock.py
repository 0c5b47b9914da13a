"""The sandbox's clock: starts where the company says, then runs on as real time does.

Belongs here: one moment and its movement. Does not belong here: where the moment is kept.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class SandboxClock:
    """Runs with a monotonic clock: never back, and unmoved when the machine's clock is set."""

    def __init__(
        self, start: datetime, *, monotonic_seconds: Callable[[], float] = time.monotonic
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("the sandbox's clock needs a moment with an offset")
        self._start = start
        self._monotonic_seconds = monotonic_seconds
        self._started_at = monotonic_seconds()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._monotonic_seconds() - self._started_at)

    def advance(self, by: timedelta) -> datetime:
        """Jump ahead; the moment after the jump.

        Raises ``ValueError`` for a negative jump.
        """
        if by < timedelta(0):
            raise ValueError("the sandbox's clock never goes back")
        self._start += by
        return self.now()
