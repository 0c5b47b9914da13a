"""The sandbox as a process: what it announces, what it keeps, how it ends."""

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.server import serve as serve_here
from tests.contract.conftest import Serve
from tests.contract.quickbooks_world import QuickBooksClient, record, refresh, write_company


def clock_of(answer: httpx.Response) -> datetime:
    return datetime.fromisoformat(answer.json()["clock"])


def test_settings_are_private_and_there_only_once_the_port_answers(
    tmp_path: Path, serve: Serve
) -> None:
    sandbox = serve(write_company(tmp_path / "company", {}))
    assert stat.S_IMODE(sandbox.env_file.stat().st_mode) == 0o600
    assert sandbox.get("/_sandbox/health").json()["company"] == "Brakken"
    assert sandbox.settings["QBO_TOKEN_URL"] == sandbox.url + "/oauth2/v1/tokens/bearer"
    assert sandbox.settings["SALESFORCE_API_VERSION"] == "66.0"


def test_the_clock_starts_where_the_company_says_and_only_goes_forward(
    tmp_path: Path, serve: Serve
) -> None:
    sandbox = serve(write_company(tmp_path / "company", {}))
    answer = sandbox.get("/_sandbox/health")
    start = datetime.fromisoformat("2026-03-02T09:00:00-08:00")
    assert start <= clock_of(answer) < start + timedelta(minutes=5)
    assert parsedate_to_datetime(answer.headers["Date"]) >= start
    sandbox.advance(86_400)
    assert clock_of(sandbox.get("/_sandbox/health")) >= start + timedelta(days=1)
    refused = sandbox.post("/_sandbox/clock", json={"advance_seconds": -1})
    assert refused.status_code == 400


def test_kept_state_survives_a_kill_and_time_goes_on(tmp_path: Path, serve: Serve) -> None:
    company = write_company(tmp_path / "company", {})
    sandbox = serve(company, tmp_path / "state.db")
    first_tokens = dict(sandbox.settings)
    client = QuickBooksClient.sign_in(sandbox)
    created = client.write("Customer", {"DisplayName": "Kept Ltd"})
    sandbox.advance(3600)
    told = parsedate_to_datetime(sandbox.get("/_sandbox/health").headers["Date"])
    sandbox.kill()
    sandbox.start()
    assert clock_of(sandbox.get("/_sandbox/health")) >= told
    renewed = QuickBooksClient.sign_in(sandbox)
    assert renewed.read("Customer", created["Id"])["DisplayName"] == "Kept Ltd"
    # The earlier chain still works, and the new start has one of its own.
    assert refresh(sandbox, first_tokens["QBO_REFRESH_TOKEN"]).status_code == 200
    assert sandbox.settings["QBO_REFRESH_TOKEN"] != first_tokens["QBO_REFRESH_TOKEN"]
    assert sandbox.settings["QBO_CLIENT_SECRET"] == first_tokens["QBO_CLIENT_SECRET"]


def test_a_state_file_serves_one_company_and_one_sandbox(tmp_path: Path, serve: Serve) -> None:
    state = tmp_path / "state.db"
    sandbox = serve(write_company(tmp_path / "one", {}), state)
    with pytest.raises(ConfigurationError, match="Another sandbox serves"):
        serve_here(tmp_path / "one", state=state)
    sandbox.stop()
    other = write_company(tmp_path / "other", {}, realm_id="77")
    with pytest.raises(ConfigurationError, match="another company"):
        serve_here(other, state=state)


def test_a_state_or_settings_file_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    company = write_company(tmp_path / "company", {})
    other = tmp_path / "notes.txt"
    other.write_text("a file of some other kind, long enough to look at")
    with pytest.raises(ConfigurationError, match="no state file"):
        serve_here(company, state=other)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        serve_here(company, state=other / "state.db")
    with pytest.raises(ConfigurationError, match="another --env-file"):
        serve_here(company, env_file=other / "sandbox.env")


def test_it_ends_in_good_order_when_told(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve(write_company(tmp_path / "company", {}))
    assert sandbox.stop() == 0
    sandbox.start()
    assert sandbox.post("/_sandbox/stop").status_code == 204
    assert sandbox.process is not None
    assert sandbox.process.wait(timeout=10) == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    company = write_company(tmp_path / "company", {})
    env_file = tmp_path / "sandbox.env"
    served = (
        "from pathlib import Path; from q2c_pipeline.sandbox.server import serve;"
        f"serve(Path({str(company)!r}), env_file=Path({str(env_file)!r}), stop_with_parent=True)"
    )
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time;"
            f"child = subprocess.Popen([sys.executable, '-c', {served!r}]);"
            "print(child.pid, flush=True); time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    for _ in range(1000):
        if env_file.exists():
            break
        time.sleep(0.02)
    assert is_alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    for _ in range(500):
        if not is_alive(child):
            break
        time.sleep(0.02)
    assert not is_alive(child)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("quickbooks/Invoice", '[{"Id": "1"},\n{"Id": ]', r"Invoice\.json, line 2, is not JSON"),
        ("quickbooks/Invoice", '{"Id": "1"}', r"Invoice\.json, line 1, is not a JSON array"),
        ("quickbooks/Invoice", '[{"Id": "1"},\n7]', r"Invoice\.json, line 2, is not a"),
        ("quickbooks/Invoice", '[{"Id": "1"}, {"Id": "1"}]', "the Id 1 twice"),
        ("quickbooks/Invoice", "", r"Invoice\.json, line 1, is empty"),
        ("quickbooks/Invoces", "[]", "not named after a QuickBooks entity"),
        ("company", '{"clock": "yesterday"}', "not a moment with an offset"),
        ("company", '{"time_zone": "Mars/North"}', "not known"),
        ("company", "{", "cannot be read as JSON"),
    ],
)
def test_a_folder_that_cannot_be_served_says_where_and_why(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    company = write_company(tmp_path / "company", {})
    path = company / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=complaint):
        serve_here(company)


def test_each_realm_has_its_own_books_and_token(tmp_path: Path, serve: Serve) -> None:
    company = write_company(
        tmp_path / "company",
        {
            "quickbooks/101/Customer": [record("1", DisplayName="East")],
            "quickbooks/202/Customer": [record("1", DisplayName="West")],
        },
    )
    sandbox = serve(company)
    assert sandbox.settings["QBO_REALM_ID"] == "101,202"
    east, west = (QuickBooksClient.sign_in(sandbox, realm_id) for realm_id in ("101", "202"))
    assert east.read("Customer", "1")["DisplayName"] == "East"
    assert west.read("Customer", "1")["DisplayName"] == "West"
    east.realm_id = "202"
    foreign = east.get("customer/1")
    assert foreign.status_code == 403
    assert foreign.json()["fault"]["error"][0]["code"] == "3100"


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True
