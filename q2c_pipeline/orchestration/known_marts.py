"""The marts as they stand with what was known at the end of an earlier day, built once and kept.

Belongs here: when to build, with what, and how many to keep. Does not belong here: what was known,
which is ``core.known``, and any rule of the models, which never notice.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from q2c_pipeline.core.errors import ChecksFailed, StorageError
from q2c_pipeline.core.home import OWNER_ONLY, Home, writing_to
from q2c_pipeline.core.known import KnownRun, cut_raw, last_run_known
from q2c_pipeline.core.publish import publish
from q2c_pipeline.core.raw_reading import latest_as_of_date
from q2c_pipeline.orchestration.dbt_project import (
    AS_OF_DATE,
    DBT_COMMAND,
    DBT_PROJECT_FOLDER,
    build_variables,
    failures,
    project_fingerprint,
    published_functions,
    published_marts,
)
from q2c_pipeline.policy import Policy

KNOWN_DAYS_KEPT = 5
"""Each is as large as the published marts; the one not asked for longest goes first."""
BUILDING = "building-"
BUILD_WAIT_SECONDS_MAX = 600
FAILURES_SHOWN_MAX = 5

Tell = Callable[[str], None]

_DONE = re.compile(r"(?P<count>\d+ of \d+) (OK|PASS)")
"""How dbt tells of one that is done."""


def marts_known_on(home: Home, day: date, policy: Policy, *, tell: Tell, tick: Tell) -> Path:
    """The file of the marts as known at the end of ``day``, by today's models and policy.

    A later run leaves it as it is: it depends on the last run of that day or before.

    Raises ConfigurationError before the first reading, ChecksFailed when what was known then does
    not pass the checks, StorageError when another command keeps building.
    """
    run = last_run_known(home.raw, day, waiting=tell)
    marts = home.known / f"{run.run_date}-{_fingerprint(run, policy)}.duckdb"
    with writing_to(home.known):
        home.known.mkdir(exist_ok=True, mode=OWNER_ONLY)
    try:
        with FileLock(home.known / "build.lock", timeout=BUILD_WAIT_SECONDS_MAX):
            if not marts.exists():
                _remove_leftovers(home.known)
                tell(f"Building the marts as known on {day}, after the run of {run.run_date}")
                with TemporaryDirectory(dir=home.known, prefix=BUILDING) as folder:
                    _build(home, run, policy, Path(folder), marts, tell=tell, tick=tick)
            os.utime(marts)
            forget_the_oldest(home.known)
    except Timeout:
        raise StorageError(
            f"Another command has been building marts in {home.known} for more than"
            f" {BUILD_WAIT_SECONDS_MAX} s. Let it finish or end it, then ask again."
        ) from None
    return marts


def _fingerprint(run: KnownRun, policy: Policy) -> str:
    """Of all that the marts depend on; a run may be about to read another entity."""
    told = "\0".join(map(str, (*run, project_fingerprint(), policy.model_dump_json())))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _build(
    home: Home, run: KnownRun, policy: Policy, folder: Path, marts: Path, *, tell: Tell, tick: Tell
) -> None:
    """``folder`` is a home of its own while it lasts: raw store, warehouse and what dbt writes."""
    cut = Home(folder)
    cut_raw(home.raw, run, cut.raw, waiting=tell)
    target = cut.dbt / "target"
    command = [
        str(DBT_COMMAND), "--no-use-colors", "--no-send-anonymous-usage-stats",
        "build", "--exclude-resource-type", "unit_test",
        "--vars", json.dumps(build_variables(policy)),
        "--project-dir", str(DBT_PROJECT_FOLDER), "--profiles-dir", str(DBT_PROJECT_FOLDER),
        "--target-path", str(target), "--log-path", str(cut.dbt / "logs"),
    ]  # fmt: skip
    as_of_date = latest_as_of_date(cut.raw).isoformat()
    environment = {**os.environ, "Q2C_HOME": str(folder), AS_OF_DATE: as_of_date}
    with subprocess.Popen(  # noqa: S603  the command is our own
        command, env=environment, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as build:  # fmt: skip
        for line in build.stdout or ():
            if done := _DONE.search(line):
                tick(f"Built {done['count']} models and checks")
    manifest = target / "manifest.json"
    if build.returncode != 0 or not manifest.exists():
        nodes = json.loads(manifest.read_text()) if manifest.exists() else {}
        sentences = failures(target / "run_results.json", nodes)
        raise ChecksFailed(
            f"What was known after the run of {run.run_date} does not pass the models' checks, so"
            " there are no marts of it. " + ". ".join(sentences[:FAILURES_SHOWN_MAX])
        )
    built = json.loads(manifest.read_text())
    publish(cut.warehouse, marts, published_marts(built), published_functions(built))


def _remove_leftovers(known: Path) -> None:
    """A command that was killed leaves its folder; only one builds at a time."""
    for folder in known.glob(f"{BUILDING}*"):
        shutil.rmtree(folder, ignore_errors=True)


def forget_the_oldest(known: Path) -> None:
    """Keeps the files used last. Whoever reads another goes on reading it."""
    kept = sorted(known.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[KNOWN_DAYS_KEPT:]:
        path.unlink(missing_ok=True)
