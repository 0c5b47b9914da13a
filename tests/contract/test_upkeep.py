"""The upkeep job against a served sandbox: every connection is refreshed, whatever one says."""

import json
from pathlib import Path

import pytest

from q2c_pipeline.core.home import Home
from q2c_pipeline.defs.accounting.quickbooks.upkeep import upkeep
from q2c_pipeline.defs.platform.resources import HomeResource
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import record, write_company

REALMS = ("4620816365000000011", "4620816365000000022")


@pytest.fixture
def sandbox(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServedSandbox:
    lists = {f"quickbooks/{realm}/Customer": [record("1", DisplayName="Odden")] for realm in REALMS}
    served = serve(write_company(tmp_path / "company", lists))
    for name, value in served.settings.items():
        monkeypatch.setenv(name, value)
    return served


def keep_up(home: Home) -> bool:
    """Whether the job succeeded."""
    [job] = upkeep().jobs or ()
    result = job.execute_in_process(
        resources={"home": HomeResource(folder=str(home.folder))}, raise_on_error=False
    )
    return result.success


def kept(home: Home) -> dict[str, str]:
    """Access tokens by realm."""
    return {
        file.stem.removeprefix("quickbooks-"): json.loads(file.read_text())["access_token"]
        for file in home.tokens.glob("*.json")
    }


def test_every_realm_gets_tokens(sandbox: ServedSandbox, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    assert keep_up(home)
    assert set(kept(home)) == set(REALMS)


def test_one_bad_connection_keeps_no_other_from_living(
    sandbox: ServedSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    monkeypatch.setenv(f"QBO_REFRESH_TOKEN_{REALMS[0]}", "not-a-token-of-this-realm")

    assert not keep_up(home)
    assert set(kept(home)) == {REALMS[1]}
