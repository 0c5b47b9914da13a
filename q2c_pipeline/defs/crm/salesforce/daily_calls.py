"""Keeps to a share of the organisation's daily API calls, which all its programs draw on.

Belongs here: reading how many are used, stopping in time. Does not belong here: pacing, which is
``core/pacing.py``.
"""

import re
from collections.abc import Mapping

from q2c_pipeline.core.errors import AllowanceSpent

_USAGE = re.compile(r"\b(?P<whose>per-app-)?api-usage=(?P<used>\d+)/(?P<granted>\d+)", re.ASCII)


class DailyCalls:
    """What the last answer said of the calls of the last 24 hours, all programs' and this app's."""

    def __init__(self, organisation: str, *, percent_max: int) -> None:
        self._organisation = organisation
        self._percent_max = percent_max
        self._usage: dict[str, tuple[int, int]] = {}

    def check(self) -> None:
        for whose, (used, granted) in self._usage.items():
            if 0 < granted * self._percent_max <= used * 100:
                raise AllowanceSpent(
                    f"{whose} of Salesforce organisation {self._organisation} has used {used:,} of"
                    f" {granted:,} daily API calls. We stop at {self._percent_max} % so that other"
                    " programs go on working; what was done stays. Run again when the calls"
                    " of the last 24 hours are fewer, see which program makes them, or raise"
                    " SALESFORCE_DAILY_CALLS_PERCENT"
                )

    def note(self, headers: Mapping[str, str]) -> None:
        for usage in _USAGE.finditer(headers.get("Sforce-Limit-Info", "")):
            whose = "This app" if usage["whose"] else "The whole"
            self._usage[whose] = int(usage["used"]), int(usage["granted"])
