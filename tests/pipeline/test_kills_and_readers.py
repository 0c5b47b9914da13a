"""A run may be killed at any moment, and a reader never notices that one is under way."""

import subprocess
import threading
import time
from pathlib import Path

import duckdb
import psutil
import pytest

from tests.conftest import PROJECT_ROOT
from tests.pipeline.conftest import (
    Q2C,
    PublishedHome,
    give_company,
    marts,
    marts_of_any_run,
    q2c_environment,
    raw_versions,
    run_q2c,
)

KILLS_WHOLE = 24
KILLS_SAMPLE = 1
SPARING_EVERY = 6
"""One kill in six takes the run alone, and its children have to end by themselves."""
READ_EVERY_SECONDS = 0.1
WAITING = "Waiting up to"
"""How a run begins to tell that somebody else holds a database."""


@pytest.fixture
def kills(is_whole_proof: bool) -> int:
    return KILLS_WHOLE if is_whole_proof else KILLS_SAMPLE


def started(home: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [str(Q2C), "run"],
        env=q2c_environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=PROJECT_ROOT,
    )


def kill(process: "subprocess.Popen[bytes]", *, with_children: bool) -> None:
    """SIGKILL to the run and to everything that it started, or to the run alone."""
    family = [psutil.Process(process.pid)]
    if with_children:
        family += family[0].children(recursive=True)
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


@pytest.mark.prove
def test_after_a_kill_at_any_moment_the_next_run_ends_as_if_undisturbed(
    published_home: PublishedHome, small_company: Path, tmp_path: Path, kills: int
) -> None:
    undisturbed = marts_of_any_run(published_home.folder)

    for number in range(kills):
        home = tmp_path / f"home-{number}"
        give_company(home, small_company)
        process = started(home)
        time.sleep(published_home.seconds * (number + 0.5) / kills)
        takes_all = number % SPARING_EVERY < SPARING_EVERY - 1
        kill(process, with_children=takes_all)

        after = run_q2c(home, "run")

        assert after.returncode == 0, f"kill {number}: {after.stderr}"
        assert marts_of_any_run(home) == undisturbed, f"kill {number}"
        assert not (takes_all and WAITING in after.stderr), f"kill {number}: {after.stderr}"


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_an_idle_run_changes_nothing_and_no_reader_notices_it(home: Path) -> None:
    versions, published = raw_versions(home), marts(home)
    process = started(home)
    failures: list[str] = []
    reads = 0
    while process.poll() is None:
        try:
            with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
                rows = connection.execute("select count(*) from finance.ar_open_items").fetchall()
            if rows[0][0] == 0:
                failures.append("an empty mart")
            reads += 1
        except duckdb.Error as error:
            failures.append(str(error))
        time.sleep(READ_EVERY_SECONDS)

    assert process.returncode == 0
    assert failures == []
    assert reads > 100
    assert raw_versions(home) == versions
    assert marts(home) == published


@pytest.mark.prove
def test_two_runs_at_once_both_end_well_and_agree(home: Path, is_whole_proof: bool) -> None:
    if not is_whole_proof:
        pytest.skip("two runs at once take two minutes: the whole proof has them")
    before = marts(home)
    results: list[int] = []
    runs = [
        threading.Thread(target=lambda: results.append(run_q2c(home, "run").returncode))
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert results == [0, 0]
    assert marts(home) == before
