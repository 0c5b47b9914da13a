"""The page about the sandbox says what the sandbox is: routes, options, settings, defaults."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from q2c_pipeline.cli import app
from q2c_pipeline.sandbox import control
from q2c_pipeline.sandbox.clock import SandboxClock
from q2c_pipeline.sandbox.company import ClientCredentials, Sandbox
from q2c_pipeline.sandbox.faults import Faults
from q2c_pipeline.sandbox.folder import load_company, read_company
from q2c_pipeline.sandbox.quickbooks.reports.catalogue import REPORTS
from q2c_pipeline.sandbox.settings import client_settings
from q2c_pipeline.sandbox.store import Store
from q2c_pipeline.sandbox.throttle import Throttle

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
START = datetime(2026, 3, 2, 17, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    company = read_company(tmp_path, now=START)
    store = Store()
    load_company(company, store)
    systems = ("quickbooks", "salesforce")
    credentials = {system: ClientCredentials(system, "secret") for system in systems}
    yield Sandbox(store, SandboxClock(START), company, credentials)
    store.close()


def commands_of_the_page() -> list[list[str]]:
    return [line.split()[1:] for line in PAGE.splitlines() if line.startswith(".venv/bin/q2c ")]


def options(words: list[str]) -> set[str]:
    """The options that help shows for a command."""
    command: Any = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    return {name for option in command.params if not option.hidden for name in option.opts}


def test_it_opens_with_what_the_sandbox_does_not_do() -> None:
    title, opening = PAGE.split("\n\n")[:2]
    assert title == "# The sandbox"
    assert opening.startswith("It does **not** do")


def test_its_commands_take_the_options_it_gives_them() -> None:
    assert {tuple(words[:2]) for words in commands_of_the_page()} == {
        ("sandbox", "generate"),
        ("sandbox", "serve"),
    }
    for words in commands_of_the_page():
        assert {word for word in words if word.startswith("--")} <= options(words[:2])


def test_it_names_every_option_of_serve() -> None:
    named = set(re.findall(r"^\| `(--[a-z-]+)` \|", PAGE, re.MULTILINE))
    assert named == options(["sandbox", "serve"])


def test_it_names_every_control_route(sandbox: Sandbox) -> None:
    named = set(re.findall(r"^\| `([A-Z]+) (/_sandbox/\w+)` \|", PAGE, re.MULTILINE))
    routes = control.routes(sandbox, faults=Faults(), throttle=Throttle(), stop=lambda: None)
    assert named == {
        (method, route.path)
        for route in routes
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert set(re.findall(r"/_sandbox/\w+", PAGE)) == {path for _, path in named}


def test_it_names_every_setting(sandbox: Sandbox) -> None:
    named = set(re.findall(r"`((?:QBO|SALESFORCE)_[A-Z_]+)`", PAGE))
    assert named == set(client_settings(sandbox, "http://127.0.0.1:1"))


def test_it_names_every_report() -> None:
    assert set(REPORTS) == set(re.findall(r"`(Aged\w+|BalanceSheet)`", PAGE))


def test_its_defaults_are_those_of_an_empty_folder(sandbox: Sandbox) -> None:
    told = dict(re.findall(r"^\| `(\w+)`[^|]*\| `?([^|`]+?)`? \|", PAGE, re.MULTILINE))
    company = sandbox.company
    assert {
        "name": company.name,
        "clock": "now",
        "home_currency": company.home_currency,
        "time_zone": company.time_zone.key,
        "realm_id": company.realm_ids[0],
        "organisation_id": company.organisation_id,
    }.items() <= told.items()
    assert company.clock == START
