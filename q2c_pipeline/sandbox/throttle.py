"""The vendors' limits on how much one client may ask, switched on by request.

Belongs here: counting, and refusing what is too much. Does not belong here: a client's own pacing.
A refused request counts for nothing, so a client that waits is let in again.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from q2c_pipeline.sandbox.addresses import realm_of
from q2c_pipeline.sandbox.outages import OUTAGES

SECONDS_PER_MINUTE = 60

Bound = Annotated[int, msgspec.Meta(ge=1)]


class RealmLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one realm takes; None for no limit."""

    per_second: Bound | None = None
    per_minute: Bound | None = None
    in_flight: Bound | None = None
    batch_per_minute: Bound | None = None


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quickbooks: RealmLimits = RealmLimits()


NO_LIMITS = Limits()


class _Realm:
    """What one realm was asked within the last minute, and what is under way."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.starts: deque[float] = deque()
        self.batch_starts: deque[float] = deque()

    def forget(self, until: float) -> None:
        for starts in (self.starts, self.batch_starts):
            while starts and starts[0] <= until:
                starts.popleft()


class Throttle:
    """Counts by realm; ``refused`` since the limits were set."""

    def __init__(self, monotonic_seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = monotonic_seconds
        self.limit(NO_LIMITS)

    def limit(self, limits: Limits) -> None:
        """From now on, counting from nothing."""
        self.limits = limits
        self.refused = 0
        self._realms: dict[str, _Realm] = defaultdict(_Realm)

    def told(self) -> dict[str, Any]:
        return {**msgspec.to_builtins(self.limits), "refused": self.refused}

    @contextmanager
    def turn(self, realm_id: str, *, is_batch: bool) -> Iterator[bool]:
        """Whether one more request may be answered; if so, it is under way until the end."""
        limits, realm, now = self.limits.quickbooks, self._realms[realm_id], self._seconds()
        realm.forget(now - SECONDS_PER_MINUTE)
        counts = (
            (limits.in_flight, realm.in_flight),
            (limits.per_second, sum(start > now - 1 for start in realm.starts)),
            (limits.per_minute, len(realm.starts)),
            (limits.batch_per_minute if is_batch else None, len(realm.batch_starts)),
        )
        if any(bound is not None and count >= bound for bound, count in counts):
            self.refused += 1
            yield False
            return
        realm.starts.append(now)
        if is_batch:
            realm.batch_starts.append(now)
        realm.in_flight += 1
        try:
            yield True
        finally:
            realm.in_flight -= 1


class ThrottleLayer:
    """Stands before the books of every realm; ``now`` is the sandbox's clock."""

    def __init__(
        self, application: ASGIApp, throttle: Throttle, now: Callable[[], datetime]
    ) -> None:
        self._application = application
        self._throttle = throttle
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        realm_id = realm_of(path)
        if realm_id is None or self._throttle.limits == NO_LIMITS:
            await self._application(scope, receive, send)
            return
        is_batch = path.casefold().endswith("/batch")
        with self._throttle.turn(realm_id, is_batch=is_batch) as is_admitted:
            refusal = OUTAGES["quickbooks"]["429"](self._now())
            await (self._application if is_admitted else refusal)(scope, receive, send)
