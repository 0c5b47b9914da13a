"""The sandbox that a command starts for itself, or finds already serving its home.

Belongs here: start, attach, stop. Does not belong here: what the sandbox answers.
The sandbox is reached like any vendor, over HTTP and with settings from the environment.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from dotenv import dotenv_values
from filelock import FileLock, Timeout

from q2c_pipeline.core.errors import ConfigurationError, Q2CError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.sandbox.generate import generate
from q2c_pipeline.settings import Mode, QuickBooksSettings, SalesforceSettings, Settings

START_SECONDS_MAX = 300
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.05
HEALTH_TIMEOUT_SECONDS = 5
DEFAULT_INVOICES = 3000
DEFAULT_SEED = 1
MODE_VARIABLE = "Q2C_MODE"
VARIABLES = {"quickbooks": "QBO_", "salesforce": "SALESFORCE_"}
"""How the names of a system's settings begin, by the folder that holds its records."""


@contextmanager
def serving_folder(company: Path) -> Iterator[None]:
    """The company folder served for the length of the block, its settings in the environment."""
    if not company.is_dir():
        raise ConfigurationError(
            f"{company} is no folder. Give --company a folder with quickbooks/<Entity>.json"
            " or salesforce/<SObject>.json files."
        )
    with TemporaryDirectory(prefix="q2c-") as scratch:
        env_file = Path(scratch) / "settings.env"
        process = _start(company, env_file, state=None)
        try:
            _take_settings(env_file, company)
            yield
        finally:
            _stop(process)


@contextmanager
def serving_home(home: Home) -> Iterator[None]:
    """The made-up company of the home, served with its state kept, for the length of the block.

    A sandbox that already serves this home is used as it is; otherwise one is started. Its books
    are nobody's, so unless a mode is set, drafts are written to them.
    """
    os.environ[MODE_VARIABLE] = mode_of_commands()
    env_file = home.sandbox / "settings.env"
    started = None
    try:
        with FileLock(home.sandbox / "start.lock", timeout=START_SECONDS_MAX):
            if not _answers(env_file):
                company = made_up_company(home)
                started = _start(company, env_file, state=home.sandbox / "state.db")
            _take_settings(env_file, home.sandbox / "company")
    except Timeout:
        raise Q2CError(
            f"Another command has been starting the sandbox of {home.folder} for more than"
            f" {START_SECONDS_MAX} s. End that command and run again."
        ) from None
    try:
        yield
    finally:
        if started is not None:
            _stop(started)
            env_file.unlink(missing_ok=True)


def reads_made_up_company() -> bool:
    """Whether no system's credentials are set, so that commands serve the home's own company."""
    return not (QuickBooksSettings.read().is_configured or SalesforceSettings.read().is_configured)


def mode_of_commands() -> Mode:
    """The mode of the next run that is given no company folder."""
    is_set = bool(os.environ.get(MODE_VARIABLE))
    return Settings.read().mode if is_set or not reads_made_up_company() else Mode.DRAFT


@contextmanager
def serving_if_needed(home: Home, company: Path | None) -> Iterator[bool]:
    """Settings of the systems to read in the environment; yields whether they are made up."""
    if company is not None:
        with serving_folder(company):
            yield True
    elif reads_made_up_company():
        with serving_home(home):
            yield True
    else:
        yield False


def made_up_company(home: Home) -> Path:
    """The folder of the made-up company; made when it is not there yet."""
    company = home.sandbox / "company"
    if not company.exists():
        say(f"Making up a company with {DEFAULT_INVOICES:,} invoices in {company}")
        generate(company, seed=DEFAULT_SEED, invoices=DEFAULT_INVOICES)
    return company


def _start(company: Path, env_file: Path, *, state: Path | None) -> subprocess.Popen[str]:
    env_file.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "q2c_pipeline.cli", "sandbox", "serve",
        "--company", str(company), "--env-file", str(env_file), "--with-parent",
    ]  # fmt: skip
    if state is not None:
        command += ["--state", str(state)]
    process = subprocess.Popen(  # noqa: S603  the command is our own
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    waited_until = time.monotonic() + START_SECONDS_MAX
    while not env_file.exists():
        if process.poll() is not None:
            raise ConfigurationError(_last_words(process))
        if time.monotonic() > waited_until:
            _stop(process)
            raise Q2CError(
                f"The sandbox did not start within {START_SECONDS_MAX} s. Serve the company with"
                " `q2c sandbox serve` to see what it does."
            )
        time.sleep(POLL_SECONDS)
    return process


def _last_words(process: subprocess.Popen[str]) -> str:
    lines = (process.stderr.read() if process.stderr else "").strip().splitlines()
    return lines[-1].removeprefix("q2c: ") if lines else "The sandbox ended without a word."


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stderr:
        process.stderr.close()


def _answers(env_file: Path) -> bool:
    if not env_file.exists():
        return False
    url = dotenv_values(env_file).get("QBO_BASE_URL") or ""
    try:
        return httpx.get(f"{url}/_sandbox/health", timeout=HEALTH_TIMEOUT_SECONDS).is_success
    except httpx.HTTPError:
        return False


def _take_settings(env_file: Path, company: Path) -> None:
    """A system that the company has no folder of is left out, whatever was set for it before."""
    left_out = _left_out(company)
    os.environ.update(
        {
            # An empty value stays empty; for a missing one, .env would step in.
            name: "" if name.startswith(left_out) else value or ""
            for name, value in dotenv_values(env_file).items()
        }
    )


def _left_out(company: Path) -> tuple[str, ...]:
    """How the settings begin of what is not there; a folder of nothing is a company of both."""
    absent = [name for system, name in VARIABLES.items() if not (company / system).is_dir()]
    return tuple(absent) if len(absent) < len(VARIABLES) else ()
