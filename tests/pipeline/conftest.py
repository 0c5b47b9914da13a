"""Whole runs of the command in homes of their own, over HTTP against the sandbox."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from dotenv import dotenv_values
from filelock import FileLock

from q2c_pipeline.sandbox.generate import generate
from tests.conftest import PROJECT_ROOT

Q2C = PROJECT_ROOT / ".venv" / "bin" / "q2c"
RUN_SECONDS_MAX = 3600
POLL_SECONDS = 0.05
SMALL_COMPANY_INVOICES = 300


class PublishedHome(NamedTuple):
    """A home after one undisturbed run: what it printed, and how long it took."""

    folder: Path
    printed: str
    seconds: float


def q2c_environment(home: Path, **variables: str) -> dict[str, str]:
    """Nothing is written to any vendor unless a test asks for it."""
    return {**os.environ, "Q2C_MODE": "preview", "Q2C_HOME": str(home), **variables}


def run_q2c(home: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The command as a person types it; nothing is patched."""
    return subprocess.run(
        [str(Q2C), *arguments],
        env=q2c_environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        cwd=PROJECT_ROOT,
    )


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a session."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def small_company(shared_folder: Path) -> Path:
    """A made-up company of 300 invoices; read only."""
    folder = shared_folder / "small company"
    with FileLock(f"{folder}.lock", timeout=RUN_SECONDS_MAX):
        if not folder.exists():
            generate(folder, seed=7, invoices=SMALL_COMPANY_INVOICES)
    return folder


@pytest.fixture(scope="session")
def published_home(small_company: Path, shared_folder: Path) -> PublishedHome:
    """A home after its first run on the small company; read only."""
    home, told = shared_folder / "published home", shared_folder / "published home.json"
    with FileLock(f"{home}.lock", timeout=RUN_SECONDS_MAX):
        if not told.exists():
            give_company(home, small_company)
            begun = time.monotonic()
            first = run_q2c(home, "run")
            assert first.returncode == 0, first.stderr
            told.write_text(json.dumps([first.stdout, time.monotonic() - begun]))
    printed, seconds = json.loads(told.read_text())
    return PublishedHome(home, printed, seconds)


@pytest.fixture
def fresh_home(published_home: PublishedHome, tmp_path: Path) -> Path:
    return give_models(tmp_path / "home", published_home)


@pytest.fixture
def home(published_home: PublishedHome, tmp_path: Path) -> Iterator[Path]:
    """A copy of the published home that a test may spoil."""
    copy = tmp_path / "home"
    shutil.copytree(published_home.folder, copy)
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


@contextmanager
def serving(company: Path, env_file: Path) -> Iterator[dict[str, str]]:
    """Settings of a sandbox that runs beside the command, as a real vendor would."""
    server = subprocess.Popen(
        [str(Q2C), "sandbox", "serve", "--company", str(company), "--env-file", str(env_file)]
    )
    try:
        while not env_file.exists():
            assert server.poll() is None
            time.sleep(POLL_SECONDS)
        yield {name: value or "" for name, value in dotenv_values(env_file).items()}
    finally:
        server.terminate()
        server.wait()


def give_company(home: Path, company: Path) -> None:
    """Make ``company`` the made-up company of a home that has not run yet."""
    (home / "sandbox").mkdir(parents=True, exist_ok=True)
    shutil.copytree(company, home / "sandbox" / "company")


def give_models(home: Path, published: PublishedHome) -> Path:
    """A home in which nothing has run, but whose models dbt has read already."""
    shutil.copytree(published.folder / "dbt", home / "dbt")
    return home


def marts(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published row by table, in order of storage."""
    return _tables(home / "marts.duckdb", leaving_out=())


def marts_of_any_run(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """As ``marts``, but for the run that made a row and when: two homes may be compared."""
    moments = ("run_id", "checked_at", "first_seen_at", "due_at", "evaluated_at", "happened_at")
    made_of_moments = ("event_id", "hash")
    return _tables(home / "marts.duckdb", leaving_out=(*moments, *made_of_moments))


def _tables(database: Path, *, leaving_out: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        return {
            name: connection.execute(
                "select columns(name -> not list_contains($names::varchar[], name))::varchar"
                f" from {name}",
                {"names": list(leaving_out)},
            ).fetchall()
            for (name,) in tables
        }


def raw_versions(home: Path) -> dict[str, int]:
    """Rows by raw table of vendor objects."""
    with duckdb.connect(str(home / "raw.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_columns()"
            " where column_name = 'record_id' and table_name <> 'rejects' order by all"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for (name,) in tables
        }
