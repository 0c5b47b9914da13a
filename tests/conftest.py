"""What all tests share: a clean environment, recorded books, a server, the switch for proofs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import PostgreSQL, postgresql_programs, running_postgresql

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = PROJECT_ROOT.parent / "shared" / "data"
OURS = ("Q2C_", "QBO_", "SALESFORCE_", "HUBSPOT_", "DAGSTER_", "DBT_")


settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
"""The same examples on every machine, however slow: a red test is never a matter of luck."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="run the heavy proofs whole")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def is_whole_proof(request: pytest.FixtureRequest) -> bool:
    """Whether a heavy proof runs whole (`make prove`) or as a sample (`make test`)."""
    return bool(request.config.getoption("--prove"))


@pytest.fixture(scope="session")
def whole_proof(is_whole_proof: bool) -> None:
    """For whole runs of a way that `make test` goes once already: `make prove` has the time."""
    if not is_whole_proof:
        pytest.skip("a part of `make prove`")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server of its own for each worker that asks for one."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("the programs of a PostgreSQL server (initdb, pg_ctl) are not installed here")
    with running_postgresql(programs) as server:
        yield server


@pytest.fixture(scope="session")
def recorded_books() -> Path:
    """The folder with the recorded QuickBooks sample company at two moments, t0 and t1."""
    folder = SHARED_DATA / "quickbooks_sample_company"
    if not folder.is_dir():
        pytest.skip(f"the recorded books are not here ({folder})")
    return folder
