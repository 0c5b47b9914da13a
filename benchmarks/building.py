"""dbt on a home of a benchmark's own, and what it took.

Belongs here: starting dbt and subtracting its own start. Does not belong here: which models.
"""

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from measuring import measure

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


class Taken(NamedTuple):
    """What a stretch of work took; processor seconds of all processes together."""

    seconds: float
    processor_seconds: float
    megabytes: int

    def less(self, start: "Taken") -> "Taken":
        """Without the seconds of another one, which was only the start."""
        return self._replace(
            seconds=self.seconds - start.seconds,
            processor_seconds=self.processor_seconds - start.processor_seconds,
        )


def dbt_start(home: Path, as_of_date: date) -> Taken:
    """What dbt takes before it builds anything; another day has it read the whole project first."""
    _dbt(home, ["parse"], as_of_date)
    return _dbt(home, ["parse"], as_of_date)


def build(home: Path, as_of_date: date, *selection: str) -> Taken:
    """The models that dbt's ``selection`` names, dbt's own start included."""
    return _dbt(home, ["run", *selection], as_of_date)


def _dbt(home: Path, command: Sequence[str], as_of_date: date) -> Taken:
    arguments = [
        *(str(Path(sys.executable).with_name("dbt")), "--quiet", *command),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(home / "target"), "--log-level-file", "none"),
        *("--vars", json.dumps({"as_of_date": str(as_of_date)})),
    ]
    environment = {**os.environ, "Q2C_HOME": str(home), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    before = os.times()
    measured = measure(arguments, environment, PROJECT_ROOT).whole()
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return Taken(measured.seconds, used, measured.own_megabytes)
