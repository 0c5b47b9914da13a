"""A PostgreSQL server that lives as long as the tests that ask for it.

Belongs here: starting and ending it, and fresh databases. Does not belong here: what is kept there.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

OWNER = "q2c"
STARTED_WITHIN_SECONDS = 60
_UNPRIVILEGED = "postgres"
_DEBIAN_FOLDER = "/usr/lib/postgresql"


class PostgreSQL:
    """A running server that is reached over a socket in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name)

    def url(self, database: str, user: str = OWNER, password: str = "not-asked") -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self._folder}"


def postgresql_programs() -> Path | None:
    """The folder of the server's programs; None where they are not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path(_DEBIAN_FOLDER).glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


@contextmanager
def running_postgresql(programs: Path) -> Iterator[PostgreSQL]:
    """A server without a network port; nothing of it is left. It refuses to run as root."""
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="q2c-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), "-D", str(folder / "data"), *arguments],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=STARTED_WITHIN_SECONDS,
        )

    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
    try:
        run(
            "initdb",
            "--auth",
            "trust",
            "--username",
            OWNER,
            "--no-sync",
            "--encoding",
            "UTF8",
            "--no-locale",
        )
        run("pg_ctl", "start", "--wait", "--options", options, "--log", str(folder / "log"))
        try:
            yield PostgreSQL(folder)
        finally:
            run("pg_ctl", "stop", "--wait", "--mode", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
