"""Breaks a rule in a copy of the dbt project and tells whether the test that is named notices.

Belongs here: building the scenarios' books once, and one test on one broken copy. Does not belong
here: the mutations themselves.

A mutation counts as caught only by a test that fails: SQL that does not run proves nothing. dbt
keeps state in its process, so every broken copy is tested in a child of its own; the parent has
only loaded it, which takes longest.
"""

import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.golden.raw_company import Company, write_raw
from tests.golden.statements import FOLDER, documents, expected_rows, shown_rows, source_of
from tests.mutations.mutations import DBT_PROJECT, Mutation, all_mutations

AS_OF_DATE = "2026-03-31"
SCENARIOS = {
    story.parent.name: story.parent
    for pattern in ("*/story.md", "disputes/*/story.md")
    for story in FOLDER.glob(pattern)
}
MARTS = sorted(
    {
        source_of(path.stem).model
        for each in SCENARIOS.values()
        for path in each.glob("expected/*.csv")
    }
)
NIGHTS = "tests/pipeline/test_incremental_ledger.py"
WORKERS = 2
SECONDS_MAX = 4 * 3600
CAUGHT = "caught"


class ProvesNothing(Exception):
    """The broken copy does not run, or the test that is named is not there."""


def prepare(base: Path) -> None:
    """The scenarios' books and their statements, by the project as it is."""
    base.mkdir(parents=True)
    chart = documents(FOLDER / "chart")
    write_raw(
        base / "raw.duckdb",
        (Company(name, chart | documents(each / "given")) for name, each in SCENARIOS.items()),
        as_of_date=AS_OF_DATE,
    )
    shutil.copytree(DBT_PROJECT, base / "project", ignore=shutil.ignore_patterns("target", "logs"))
    _run_worker(base, "prepare")


def prove(base: Path, numbers: Sequence[int]) -> dict[int, str]:
    """What became of each mutation, by its place in the list."""
    shares = [share for worker in range(WORKERS) if (share := numbers[worker::WORKERS])]
    with ThreadPoolExecutor(WORKERS) as pool:
        told = pool.map(lambda share: _run_worker(base, "prove", *map(str, share)), shares)
        return dict(json.loads(line) for lines in told for line in lines if line.startswith("["))


def _run_worker(base: Path, *arguments: str) -> list[str]:
    worker = subprocess.run(
        [sys.executable, "-m", "tests.mutations.proof", str(base), *arguments],
        cwd=DBT_PROJECT.parent,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert worker.returncode == 0, worker.stdout + worker.stderr
    return worker.stdout.splitlines()


def _outcome(base: Path, mutation: Mutation, number: int) -> str:
    work = base.with_name(f"{base.name}-{number}")
    shutil.copytree(base, work)
    try:
        mutation.apply(work / "project")
        return _in_a_child(work, lambda: CAUGHT if _catches(mutation) else "survived")
    finally:
        shutil.rmtree(work)


def _in_a_child(home: Path, act: Any) -> str:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return (home / "outcome").read_text()
    try:
        os.chdir(home)
        told = act()
    except BaseException:
        told = traceback.format_exc()
    Path("outcome").write_text(told)
    os._exit(0)


def _catches(mutation: Mutation) -> bool:
    """Whether the test that is named fails; the current folder is the broken copy's home."""
    kind, name = mutation.caught_by.split(" ", 1)
    if kind == "unit":
        return _fails(name)
    if kind == "nights":
        return _makes_a_difference(name)
    if kind == "assert":
        _build(mutation.model, *MARTS)
        return _fails(name)
    scenario, statement = name.split("/")
    _build(mutation.model, source_of(statement).model)
    return _is_wrong(scenario, statement)


def _build(changed_model: str | None, *marts: str) -> None:
    """All that the marts need, or what of it follows from one model; without marts, everything."""
    narrowed = f"{changed_model}+," if changed_model else ""
    selected = [f"{narrowed}+{mart}" for mart in marts]
    _dbt("run", "--full-refresh", *(["--select", *selected] if marts else []))


def _fails(test: str) -> bool:
    statuses = _dbt("test", "--select", test)
    if not statuses:
        raise ProvesNothing(f"there is no test {test}")
    return "fail" in statuses


def _is_wrong(scenario: str, statement: str) -> bool:
    columns, expected = expected_rows(SCENARIOS[scenario] / "expected" / f"{statement}.csv")
    relation = source_of(statement).relation
    return shown_rows(Path("warehouse.duckdb"), relation, columns, scenario) != expected


def _makes_a_difference(test: str) -> bool:
    """Whether renewing in part, by the broken copy, no longer gives what a build from nothing does.

    The test finds the dbt project beside its own folder, so it is copied too.
    """
    shutil.copytree(FOLDER.parent, "tests", ignore=shutil.ignore_patterns("__pycache__"))
    Path("dbt_project").symlink_to("project")
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"{NIGHTS}::{test}"],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if told.returncode and "homes.differences() == {}" not in told.stdout:
        raise ProvesNothing(told.stdout + told.stderr)
    return told.returncode != 0


def _dbt(*arguments: str) -> set[str]:
    """The statuses of what ran; only a test may fail."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke(
        [
            "--quiet",
            *arguments,
            *("--project-dir", "project", "--profiles-dir", "project"),
            *("--target-path", "target", "--log-path", "logs"),
            *("--vars", json.dumps({"as_of_date": AS_OF_DATE})),
        ]
    )
    DuckDBConnectionManager.close_all_connections()
    if done.exception is not None:
        raise ProvesNothing(str(done.exception))
    results = list(getattr(done.result, "results", []))
    statuses = {str(result.status) for result in results}
    if "error" in statuses:
        raise ProvesNothing("; ".join(str(r.message) for r in results if r.status == "error"))
    return statuses


def _main(base: Path, task: str, *numbers: str) -> None:
    os.environ["Q2C_HOME"] = "."
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    __import__("dbt.cli.main")
    if task == "prepare":
        told = _in_a_child(base, lambda: _build(None) or "")
        if told:
            raise ProvesNothing(told)
    mutations = all_mutations()
    for number in map(int, numbers):
        outcome = _outcome(base, mutations[number], number)
        print("\n" + json.dumps([number, outcome]), flush=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
