"""``q2c ledger`` says in a sentence what it found, and its exit status agrees."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from q2c_pipeline.cli.findings import Finding, _ledger, _looked_at
from q2c_pipeline.cli.ledger import app
from q2c_pipeline.core.errors import ConfigurationError, StorageError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.ledger_copy import LedgerCopy
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.orchestration.ledger import copy_ledger
from tests.ledgers import behind_the_guards, fill, life, opened, sqlite_url
from tests.postgresql import PostgreSQL


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Its ledger has three events, all of them copied."""
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv("Q2C_HOME", str(home.folder))
    fill(sqlite_url(home.ledger), life("a"))
    copy(home)
    return home


def copy(home: Home) -> None:
    with opened(sqlite_url(home.ledger)) as ledger, RawStore(home.raw) as store:
        copy_ledger(ledger, LedgerCopy(store.connection, home.raw), run_id="run-1")


def typed(*arguments: str) -> str:
    """What the command prints. Raises what it ends with."""
    return CliRunner().invoke(app, arguments, catch_exceptions=False).output


def test_a_sound_ledger_says_so(home: Home) -> None:
    assert "is sound: 3 events" in typed("verify")
    assert _looked_at("ledger", _ledger).is_well


def test_a_changed_event_is_named_and_ends_with_an_error(home: Home) -> None:
    with behind_the_guards(home.ledger) as connection:
        connection.execute("update events set remote_id = '4' where sequence = 3")

    with pytest.raises(
        StorageError, match=r"Event 3 .confirmed, quickbooks Invoice a. was changed"
    ):
        typed("verify")
    finding = _looked_at("ledger", _ledger)
    assert (finding.is_well, "Event 3" in finding.told) == (False, True)


def test_a_home_without_a_ledger_has_no_sound_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match="There is no ledger in"):
        typed("verify")
    assert not Home(tmp_path).ledger.exists()


def test_a_backup_needs_a_file_in_a_folder_that_exists(home: Home, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere" / "backup.db"):
        with pytest.raises(ConfigurationError, match="name another one"):
            typed("backup", str(place))


def test_a_backup_is_restored_and_says_what_it_lost(home: Home, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert "Backed up 3 events" in typed("backup", str(backup))
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    fill(sqlite_url(home.ledger), life("b"))
    copy(home)

    for suffix in ("", "-wal", "-shm"):
        home.ledger.with_name(f"{home.ledger.name}{suffix}").unlink(missing_ok=True)
    backup.rename(home.ledger)
    with pytest.raises(StorageError, match=r"ends with event 3, and .* has seen event 6"):
        typed("verify")

    assert "lacks 3 events that were seen before" in typed("restored")
    assert "is sound: 4 events" in typed("verify")
    assert "Nothing that was seen of the ledger is lost" in typed("restored")


def test_a_home_without_a_ledger_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))

    assert _looked_at("ledger", _ledger) == Finding("ledger", True, "empty: the first run makes it")
    assert not list(tmp_path.iterdir())


def test_the_ledger_may_be_elsewhere(
    home: Home, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database()
    fill(url, life("a"))
    monkeypatch.setenv("Q2C_LEDGER_URL", url)

    assert "(PostgreSQL on" in typed("verify")
    with pytest.raises(ConfigurationError, match="pg_dump"):
        typed("backup", "anywhere.db")
