"""Keeping inside a vendor's limits before the vendor has to say so.

Belongs here: how many requests may start, and how many may be under way. Does not belong here: what
to do after a 429, which is the retry policy in ``http.py``.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS_PER_MINUTE = 60.0


class Pacer:
    """Lets requests start evenly, so that no window of the vendor's ever holds too many.

    One pacer stands for one limit holder (a realm, an organisation) and is shared by its threads.
    """

    def __init__(
        self,
        *,
        per_second: float,
        per_minute: int,
        in_flight: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_seconds = 1 / per_second
        self._starts: deque[float] = deque(maxlen=per_minute)
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until one more request may start, and counts it as under way until the end."""
        with self._slots:
            wait_seconds = self._reserve() - self._clock()
            if wait_seconds > 0:
                self._sleep(wait_seconds)
            yield

    def _reserve(self) -> float:
        with self._lock:
            start = self._clock()
            if self._starts:
                start = max(start, self._starts[-1] + self._interval_seconds)
            if len(self._starts) == self._starts.maxlen:
                start = max(start, self._starts[0] + SECONDS_PER_MINUTE)
            self._starts.append(start)
            return start
