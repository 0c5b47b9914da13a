"""The dbt models built for a test, in a process of their own.

Belongs here: running dbt on a temporary home. Does not belong here: what the models should show.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from q2c_pipeline.orchestration.dbt_project import AS_OF_DATE

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
DBT_SECONDS_MAX = 3600
PARSED = "partial_parse.msgpack"


@cache
def _standing_place() -> "TemporaryDirectory[str]":
    """Where each home stands while dbt works on it: for another path it would parse all anew."""
    return TemporaryDirectory(prefix="q2c-dbt-")


def run_dbt(
    home: Path, command: str, *arguments: str, as_of_date: str
) -> "subprocess.CompletedProcess[str]":
    """One dbt command on ``home/raw.duckdb``; its artifacts go to ``home/target``."""
    place, target = Path(_standing_place().name), home / "target"
    (place / "home").unlink(missing_ok=True)
    (place / "home").symlink_to(home, target_is_directory=True)
    if (place / PARSED).exists() and not target.exists():
        target.mkdir()
        shutil.copy(place / PARSED, target)
    ran = subprocess.run(
        [
            sys.executable,
            *("-m", "dbt.cli.main", "--quiet", command),
            *arguments,
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-level-file", "none"),
        ],
        env={**os.environ, "Q2C_HOME": str(place / "home"), AS_OF_DATE: as_of_date},
        capture_output=True,
        text=True,
        timeout=DBT_SECONDS_MAX,
        check=False,
    )
    if (target / PARSED).exists():
        shutil.copy(target / PARSED, place)
    return ran


def build_models(home: Path, *select: str, as_of_date: str) -> None:
    """Builds and tests the selected models from ``home/raw.duckdb``; fails with dbt's own words."""
    build = run_dbt(
        home,
        "build",
        *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
        *("--select", *select),
        as_of_date=as_of_date,
    )
    assert build.returncode == 0, build.stdout + build.stderr


def outcomes(home: Path) -> dict[str, str]:
    """Status of each node of the last dbt command, by the end of its id that a person knows."""
    results = json.loads((home / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"]: result["status"] for result in results}
