"""``q2c writing`` tells the mode of the next run, and since when nothing is written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from q2c_pipeline.cli.writing import app

CREDENTIALS = {
    "QBO_REALM_ID": "9130",
    "QBO_CLIENT_ID": "an app",
    "QBO_CLIENT_SECRET": "of ours",
    "QBO_REFRESH_TOKEN": "a token",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path / "home"))


def typed(*arguments: str) -> str:
    return CliRunner().invoke(app, arguments, catch_exceptions=False).output


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        ({}, "draft"),
        ({"Q2C_MODE": ""}, "draft"),
        ({"Q2C_MODE": "preview"}, "preview"),
        (CREDENTIALS, "preview"),
        ({**CREDENTIALS, "Q2C_MODE": "send"}, "send"),
    ],
)
def test_the_mode_is_that_of_the_next_run(
    settings: dict[str, str], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert f"the mode is {mode}." in typed("status")


def test_what_is_stopped_says_why_until_it_is_resumed() -> None:
    typed("stop", "--why", "a wrong price list")
    assert "a wrong price list" in typed("status")
    assert "no longer stopped" in typed("resume")
    assert "is not stopped" in typed("status")
