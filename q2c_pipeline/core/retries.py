"""How long a failure that may pass is waited out.

Belongs here: which error is tried again, when, and for how long. Does not belong here: requests.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import tenacity

from q2c_pipeline.core.errors import RateLimited, TransientError, Unreachable

FIRST_CONTACT_SECONDS = 10.0
"""How long to knock where nobody ever answered: the address may be wrong, and a person waits."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long a transient failure is waited out: jittered doubling inside a time budget.

    A host that cannot be reached and never answered before gets ``first_contact_seconds``. A vendor
    that throttles without saying for how long is left alone for ``throttled_seconds``; the budget
    lives through three of those.
    """

    budget_seconds: float = 240.0
    throttled_seconds: float = 60.0
    first_contact_seconds: float = FIRST_CONTACT_SECONDS
    first_wait_seconds: float = 1.0
    wait_seconds_max: float = 60.0
    attempts_max: int = 12
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def retrying(
        self, *, is_known_host: Callable[[], bool], is_repeatable: bool
    ) -> tenacity.Retrying:
        """What cannot be repeated is sent again only where the vendor surely did nothing."""
        retried = TransientError if is_repeatable else (RateLimited, Unreachable)
        start = self.clock()

        def is_over(state: tenacity.RetryCallState) -> bool:
            is_stranger = isinstance(_failure(state), Unreachable) and not is_known_host()
            budget_seconds = self.first_contact_seconds if is_stranger else self.budget_seconds
            return (
                state.attempt_number >= self.attempts_max
                or self.clock() + state.upcoming_sleep > start + budget_seconds
            )

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(retried),
            wait=self._wait_seconds,
            stop=is_over,
            sleep=self.sleep,
            reraise=True,
        )

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        doubled = self.first_wait_seconds * 2.0 ** (state.attempt_number - 1)
        wait_seconds = min(doubled, self.wait_seconds_max) * (0.5 + self.jitter() / 2)
        error = _failure(state)
        if isinstance(error, RateLimited):
            wait_seconds = max(wait_seconds, error.retry_after_seconds)
        return wait_seconds


def _failure(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
