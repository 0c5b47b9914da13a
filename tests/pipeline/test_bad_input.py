"""Whatever is wrong is said in one clear sentence with the mend, and published marts stay."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.conftest import marts, run_q2c, serving

SMALL_DISK = "24m"


def assert_clear(answer: "subprocess.CompletedProcess[str]", *expected: str) -> None:
    """Ended with an error that names what is expected, in few lines and without a stack trace."""
    assert answer.returncode not in (0, None)
    everything = answer.stdout + answer.stderr
    assert "Traceback" not in everything
    assert 'File "' not in everything
    message = answer.stderr[answer.stderr.index("q2c: ") :]
    for text in expected:
        assert text in message, message
    assert len(message.splitlines()) <= 12, message


@pytest.fixture
def served(small_company: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of a sandbox that runs beside the command, as a real vendor would."""
    with serving(small_company, tmp_path / "settings.env") as settings:
        yield settings


def test_half_a_set_of_credentials_names_what_is_missing(tmp_path: Path) -> None:
    answer = run_q2c(tmp_path / "home", "run", QBO_CLIENT_ID="app", QBO_REALM_ID="4711")

    assert_clear(answer, "QBO_CLIENT_SECRET", "QBO_REFRESH_TOKEN")


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_wrong_credentials_and_a_silent_host_leave_the_marts(
    served: dict[str, str], fresh_home: Path
) -> None:
    home = fresh_home
    (home / "marts.duckdb").write_bytes(b"published before")

    wrong_secret = "not-the-secret-of-this-app"
    answer = run_q2c(home, "run", **{**served, "QBO_CLIENT_SECRET": wrong_secret})
    assert_clear(answer, "QuickBooks", "QBO_CLIENT_SECRET")
    assert wrong_secret not in answer.stdout + answer.stderr + (home / "logs/q2c.log").read_text()

    silent = "http://127.0.0.1:9"
    answer = run_q2c(
        home, "run", **{**served, "QBO_BASE_URL": silent, "QBO_TOKEN_URL": f"{silent}/token"}
    )
    assert_clear(answer, "QuickBooks", silent)

    assert (home / "marts.duckdb").read_bytes() == b"published before"


def test_a_folder_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    company = tmp_path / "company"
    (company / "quickbooks").mkdir(parents=True)
    (company / "quickbooks" / "Invoice.json").write_text('[\n{"Id": "1",\n]')

    answer = run_q2c(tmp_path / "home", "run", "--company", str(company))

    assert_clear(answer, "Invoice.json", "line 3")


def test_a_company_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = run_q2c(tmp_path / "home", "run", "--company", str(tmp_path / "nowhere"))

    assert_clear(answer, str(tmp_path / "nowhere"))


def test_bad_records_are_named_kept_and_the_rest_goes_on(
    home: Path, small_company: Path, tmp_path: Path
) -> None:
    company = tmp_path / "company"
    published = marts(home)

    shutil.copytree(small_company, company)
    path = company / "quickbooks" / "Invoice.json"
    invoices = json.loads(path.read_text())
    clock = json.loads((company / "company.json").read_text())["clock"]
    good = {
        "CustomerRef": {"value": invoices[0]["CustomerRef"]["value"]},
        "TxnDate": "2026-06-30", "DueDate": "2026-07-30", "TotalAmt": 10.00, "Balance": 10.00,
        "CurrencyRef": {"value": "USD"}, "Line": [], "SyncToken": "0",
        "MetaData": {"CreateTime": clock, "LastUpdatedTime": clock},
    }  # fmt: skip
    without_id = {**good, "DocNumber": "no-id"}
    with_text = {**good, "Id": "990001", "TotalAmt": "ten dollars"}
    # Worth nothing: what the vendor's reports count and we refuse stops publishing instead.
    unknown_currency = {"CurrencyRef": {"value": "QQQ"}, "TotalAmt": 0.00, "Balance": 0.00}
    with_unknown_currency = {**good, "Id": "990002", **unknown_currency}
    path.write_text(json.dumps([*invoices, without_id, with_text, with_unknown_currency]))

    answer = run_q2c(home, "run", "--company", str(company))

    assert_clear(answer, "990001", "TotalAmt", "990002", "CurrencyRef", "QQQ", "Id")
    after = marts(home)
    assert {name: rows for name, rows in after.items() if name.startswith("finance.")} == {
        name: rows for name, rows in published.items() if name.startswith("finance.")
    }
    refused = [row for row in after["controls.exceptions"] if "refused_record" in row]
    assert len(refused) == 3


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    answer = run_q2c(tmp_path / "file" / "home", "run")

    assert_clear(answer, str(tmp_path / "file" / "home"), "Q2C_HOME")


def test_a_full_disk_is_named(small_company: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(disk)],
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        answer = run_q2c(disk / "home", "run", "--company", str(small_company))
        assert_clear(answer, "No space left", "Q2C_HOME")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
@pytest.mark.parametrize("database", ["raw.duckdb", "warehouse.duckdb"])
def test_a_database_locked_by_a_shell_names_the_holder(home: Path, database: str) -> None:
    published = (home / "marts.duckdb").read_bytes()
    shell = subprocess.Popen(
        [
            sys.executable, "-c",
            "import duckdb, sys; shell = duckdb.connect(sys.argv[1]); print('open', flush=True);"
            " sys.stdin.read()",
            str(home / database),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "open\n"
        answer = run_q2c(home, "run")
    finally:
        shell.communicate("")

    assert_clear(answer, database, str(shell.pid))
    assert (home / "marts.duckdb").read_bytes() == published
