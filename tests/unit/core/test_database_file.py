"""One writer at a time: who waits is told for whom, and waits a bounded time."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.core.database_file import (
    LOCK_POLL_SECONDS,
    attach_for_reading,
    wait_until_free,
)
from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.warehouse import RawStore

WAIT_SECONDS = 1.0
SHELL = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table kept as select 42 as answer")
    return path


@pytest.fixture
def shell(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Somebody's other program, which holds the file until it reads a line."""
    holder = subprocess.Popen(
        [sys.executable, "-c", SHELL, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.communicate()


def test_a_file_held_too_long_names_its_holder_and_stays_as_it_is(
    path: Path, shell: "subprocess.Popen[str]"
) -> None:
    before = path.read_bytes()
    told: list[str] = []
    started = time.monotonic()

    with pytest.raises(StorageError, match=rf"python.*\(process {shell.pid}\)") as raised:
        wait_until_free(path, wait_seconds=WAIT_SECONDS, waiting=told.append)

    assert time.monotonic() - started < WAIT_SECONDS + 4 * LOCK_POLL_SECONDS
    assert str(path) in str(raised.value)
    assert len(told) == 1
    assert str(shell.pid) in told[0]
    assert path.read_bytes() == before


def test_the_raw_store_names_its_holder_too(path: Path, shell: "subprocess.Popen[str]") -> None:
    with pytest.raises(StorageError, match=rf"process {shell.pid}"):
        RawStore(path, wait_seconds=0).__enter__()


def test_a_file_that_is_given_up_meanwhile_is_free(
    path: Path, shell: "subprocess.Popen[str]"
) -> None:
    def end_shell(line: str) -> None:
        shell.communicate()

    wait_until_free(path, wait_seconds=30, waiting=end_shell)

    with duckdb.connect(str(path)) as connection:
        assert connection.execute("from kept").fetchall() == [(42,)]


def test_a_file_that_is_not_there_is_free_and_not_made(tmp_path: Path) -> None:
    wait_until_free(tmp_path / "none.duckdb")

    assert list(tmp_path.iterdir()) == []


def test_a_reader_too_waits_a_bounded_time_and_then_reads(
    path: Path, shell: "subprocess.Popen[str]"
) -> None:
    told: list[str] = []
    with duckdb.connect() as connection:
        with pytest.raises(StorageError, match=rf"process {shell.pid}\)"):
            attach_for_reading(
                connection, path, "held", wait_seconds=WAIT_SECONDS, waiting=told.append
            )
        shell.communicate()
        attach_for_reading(connection, path, "held")
        answer = connection.execute("from held.kept").fetchall()

    assert len(told) == 1
    assert answer == [(42,)]
