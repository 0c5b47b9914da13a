"""A home belongs to one company, and a folder that cannot be written is said plainly."""

import errno
from pathlib import Path

import pytest

from q2c_pipeline.core.errors import ConfigurationError, StorageError
from q2c_pipeline.core.home import Claim, Home, writing_to

REAL = Claim(("100",), "https://acme.example", is_made_up=False)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_the_first_run_records_whose_home_it_is(home: Home) -> None:
    home.claim(REAL)

    assert Home(home.folder).claimed() == REAL


def test_a_real_company_may_gain_realms(home: Home) -> None:
    home.claim(REAL)

    home.claim(Claim(("100", "200"), None, is_made_up=False))

    assert home.claimed() == Claim(("100", "200"), "https://acme.example", is_made_up=False)


@pytest.mark.parametrize(
    ("stranger", "named"),
    [
        (Claim(("100",), None, is_made_up=True), "a real company"),
        (Claim(("300",), None, is_made_up=False), "realm 100"),
        (Claim(("100",), "https://other.example", is_made_up=False), "https://acme.example"),
    ],
)
def test_another_company_is_turned_away_with_the_mend(
    home: Home, stranger: Claim, named: str
) -> None:
    home.claim(REAL)

    with pytest.raises(ConfigurationError, match="Q2C_HOME") as caught:
        home.claim(stranger)

    assert named in str(caught.value)
    assert home.claimed() == REAL


def test_a_made_up_company_never_gains_realms(home: Home) -> None:
    home.claim(Claim(("100",), None, is_made_up=True))

    with pytest.raises(ConfigurationError):
        home.claim(Claim(("100", "200"), None, is_made_up=True))


def test_a_damaged_record_stops_the_run_and_is_kept(home: Home) -> None:
    home.claim_file.write_text("{")

    with pytest.raises(StorageError, match=str(home.claim_file)):
        home.claim(REAL)

    assert home.claim_file.read_text() == "{"


def test_a_full_disk_is_named_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No space left"), writing_to(tmp_path / "file"):
        raise OSError(errno.ENOSPC, "whatever the system says")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="cannot be written"):
        Home(tmp_path / "file" / "home").create()


def test_the_home_is_readable_by_its_owner_alone(home: Home) -> None:
    assert home.folder.stat().st_mode & 0o077 == 0
    assert home.tokens.stat().st_mode & 0o077 == 0
