"""Keeping inside a vendor's limits before the vendor has to say so, and resting after it did.

Belongs here: how many requests may start, how many may be under way, and who shares the count. Does
not belong here: whether a refused request is sent again, which is the retry policy in ``http.py``.
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
    Batches, where they have a limit of their own, count against both.
    """

    def __init__(
        self,
        *,
        per_second: float,
        per_minute: int,
        in_flight: int,
        batches_per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requests = _Rhythm(1 / per_second, per_minute)
        self._batches = _Rhythm(0.0, batches_per_minute or per_minute)
        self._slots = threading.BoundedSemaphore(in_flight)
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._clock = clock
        self._sleep = sleep

    @contextmanager
    def turn(self, *, is_batch: bool = False) -> Iterator[None]:
        """Waits until one more request may start, and counts it as under way until the end."""
        with self._slots:
            if is_batch:
                self._wait(self._batches)
            self._wait(self._requests)
            yield

    def pause(self, seconds: float) -> None:
        """Lets nobody start for so long: who is refused for all speaks for all."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _wait(self, rhythm: "_Rhythm") -> None:
        start = float("-inf")
        while start < self._paused_until:
            with self._lock:
                start = rhythm.reserve(max(self._clock(), self._paused_until))
            wait_seconds = start - self._clock()
            if wait_seconds > 0:
                self._sleep(wait_seconds)


class _Rhythm:
    """The starts of the last minute, and when the next may be."""

    def __init__(self, interval_seconds: float, per_minute: int) -> None:
        self._interval_seconds = interval_seconds
        self._starts: deque[float] = deque(maxlen=per_minute)

    def reserve(self, earliest: float) -> float:
        start = earliest
        if self._starts:
            start = max(start, self._starts[-1] + self._interval_seconds)
        if len(self._starts) == self._starts.maxlen:
            start = max(start, self._starts[0] + SECONDS_PER_MINUTE)
        self._starts.append(start)
        return start


_pacers: dict[str, Pacer] = {}
_choosing = threading.Lock()


def shared_pacer(holder: str, make: Callable[[], Pacer]) -> Pacer:
    """The one pacer of a limit holder in this process; made by whoever asks first."""
    with _choosing:
        if holder not in _pacers:
            _pacers[holder] = make()
        return _pacers[holder]
