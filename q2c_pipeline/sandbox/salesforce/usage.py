"""How many API calls the organisation has had in the last 24 hours.

Belongs here: counting, and the cap. Does not belong here: what counts as a call (``routes``). The
count lives in memory, so a restart begins a new window.
"""

from collections import Counter
from datetime import datetime, timedelta

from q2c_pipeline.sandbox.salesforce.faults import Refusal

WINDOW = timedelta(hours=24)


class ApiUsage:
    """Counts by the minute, by the sandbox's clock."""

    def __init__(self, calls_max: int) -> None:
        self.calls_max = calls_max
        self._by_minute: Counter[datetime] = Counter()

    def count(self, now: datetime, calls: int = 1) -> None:
        """Raises ``Refusal`` (REQUEST_LIMIT_EXCEEDED) instead of counting beyond the cap."""
        if self.used(now) + calls > self.calls_max:
            raise Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._by_minute[now.replace(second=0, microsecond=0)] += calls

    def used(self, now: datetime) -> int:
        for minute in [minute for minute in self._by_minute if minute + WINDOW <= now]:
            del self._by_minute[minute]
        return self._by_minute.total()

    def remaining(self, now: datetime) -> int:
        return self.calls_max - self.used(now)
