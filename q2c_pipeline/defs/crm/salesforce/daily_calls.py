"""Keeps to a share of the organisation's daily API calls, which all its programs draw on.

Belongs here: reading how many are used, stopping in time. Does not belong here: pacing, which is
``core/pacing.py``.
"""

import re
from collections.abc import Mapping

from q2c_pipeline.core.errors import AllowanceSpent

USED_PERCENT_MAX = 80

_USAGE = re.compile(r"\bapi-usage=(?P<used>\d+)/(?P<granted>\d+)", re.ASCII)


class DailyCalls:
    """What the last answer said of the calls of the last 24 hours."""

    def __init__(self, organisation: str) -> None:
        self._organisation = organisation
        self._used, self._granted = 0, 0

    def check(self) -> None:
        if self._used * 100 >= self._granted * USED_PERCENT_MAX and self._granted:
            raise AllowanceSpent(
                f"Salesforce organisation {self._organisation} has used {self._used:,} of its"
                f" {self._granted:,} daily API calls. Reading stops at {USED_PERCENT_MAX} % so that"
                " its other programs go on working; what was read stays. Run again when the calls"
                " of the last 24 hours are fewer, or see which program makes them"
            )

    def note(self, headers: Mapping[str, str]) -> None:
        if usage := _USAGE.search(headers.get("Sforce-Limit-Info", "")):
            self._used, self._granted = int(usage["used"]), int(usage["granted"])
