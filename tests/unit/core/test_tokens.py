"""Chains of tokens: kept before use, private, begun anew when somebody re-authorised."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from q2c_pipeline.core.errors import NotAuthorised, StorageError
from q2c_pipeline.core.tokens import Tokens, TokenStore
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess, QuickBooksCredentials

NOW = datetime(2026, 5, 5, tzinfo=UTC)
NAME = "quickbooks-4620"


class Vendor:
    """A token endpoint that rotates the refresh token at each use and knows only the last one."""

    def __init__(self, valid: str = "env-token-1") -> None:
        self.valid = valid
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        [given] = parse_qs(request.content.decode())["refresh_token"]
        self.asked.append(given)
        if given != self.valid:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.valid = f"rotated-{len(self.asked)}"
        answer = {"access_token": f"access-{len(self.asked)}", "refresh_token": self.valid}
        return httpx.Response(200, json={**answer, "expires_in": 3600})


def credentials(
    folder: Path, vendor: Vendor, *, refresh_token: str = "env-token-1", now: datetime = NOW
) -> QuickBooksCredentials:
    access = QuickBooksAccess(
        base_url="http://127.0.0.1:1",
        token_url="http://127.0.0.1:1/oauth2/v1/tokens/bearer",
        realm="4620",
        client_id="app",
        client_secret="app-secret",
        refresh_token=refresh_token,
    )
    return QuickBooksCredentials(
        access, TokenStore(folder), now=lambda: now, transport=httpx.MockTransport(vendor)
    )


def test_a_refreshed_token_is_kept_privately_and_used_by_the_next_run(tmp_path: Path) -> None:
    vendor = Vendor()
    first = credentials(tmp_path / "tokens", vendor).token()

    assert credentials(tmp_path / "tokens", vendor).token() == first
    assert vendor.asked == ["env-token-1"]
    [file] = (tmp_path / "tokens").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_expired_token_is_refreshed_from_the_stored_chain(tmp_path: Path) -> None:
    vendor = Vendor()
    credentials(tmp_path, vendor).token()

    credentials(tmp_path, vendor, now=NOW + timedelta(hours=2)).token()

    assert vendor.asked == ["env-token-1", "rotated-1"]


def test_another_token_in_the_environment_starts_another_chain(tmp_path: Path) -> None:
    vendor = Vendor()
    credentials(tmp_path, vendor).token()
    vendor.valid = "env-token-2"

    credentials(tmp_path, vendor, refresh_token="env-token-2").token()

    assert vendor.asked == ["env-token-1", "env-token-2"]


def test_a_refused_token_is_renewed_once_for_all_that_share_it(tmp_path: Path) -> None:
    vendor = Vendor()
    shared = credentials(tmp_path, vendor)
    refused = shared.token()

    assert shared.renew(refused) == shared.renew(refused) == "access-2"
    assert len(vendor.asked) == 2


def test_a_token_renewed_by_another_program_is_taken_over(tmp_path: Path) -> None:
    vendor = Vendor()
    ours, theirs = credentials(tmp_path, vendor), credentials(tmp_path, vendor)
    refused = ours.token()
    theirs.token()
    renewed = theirs.renew(refused)

    assert ours.renew(refused) == renewed


def test_a_dead_grant_says_how_to_authorise_again(tmp_path: Path) -> None:
    with pytest.raises(NotAuthorised, match="QBO_REFRESH_TOKEN"):
        credentials(tmp_path, Vendor(valid="another")).token()


def test_where_nothing_can_be_kept_no_token_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    vendor = Vendor()

    with pytest.raises(StorageError, match="Q2C_HOME"):
        credentials(tmp_path / "file" / "tokens", vendor).token()
    assert vendor.asked == []


def test_an_unreadable_chain_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.json").write_text("{")

    with pytest.raises(StorageError, match="re-authorise"):
        TokenStore(tmp_path).read(NAME, start="env-token-1")


def test_the_environments_token_is_not_stored_in_the_open(tmp_path: Path) -> None:
    TokenStore(tmp_path).write(NAME, Tokens(refresh_token="new"), start="env-token-1")

    assert "env-token-1" not in (tmp_path / f"{NAME}.json").read_text()
