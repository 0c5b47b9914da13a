"""Chains of tokens: kept before use, private, begun anew when somebody re-authorised."""

import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from q2c_pipeline.core.errors import GrantEnded, NotAuthorised, StorageError
from q2c_pipeline.core.tokens import Tokens, TokenStore
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess, QuickBooksCredentials

NOW = datetime(2026, 5, 5, tzinfo=UTC)
NAME = "quickbooks-4620"


class CutOff(BaseException):
    """The process ends here, as far as the store can tell."""


class Vendor:
    """A token endpoint that rotates the refresh token at each use and knows only the last one."""

    def __init__(self, valid: str = "env-token-1") -> None:
        self.valid = valid
        self.asked: list[str] = []
        self.is_cut_off = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        [given] = parse_qs(request.content.decode())["refresh_token"]
        self.asked.append(given)
        if given != self.valid:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.valid = f"rotated-{len(self.asked)}"
        if self.is_cut_off:
            raise CutOff
        answer = {"access_token": f"access-{len(self.asked)}", "refresh_token": self.valid}
        return httpx.Response(200, json={**answer, "expires_in": 3600})


def credentials(
    folder: Path,
    vendor: Callable[[httpx.Request], httpx.Response],
    *,
    refresh_token: str = "env-token-1",
    now: datetime = NOW,
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


def test_a_whole_answer_that_was_not_put_in_place_is_taken_over(tmp_path: Path) -> None:
    vendor = Vendor()
    credentials(tmp_path, vendor).token()
    (tmp_path / f"{NAME}.json").rename(tmp_path / f"{NAME}.new")

    assert credentials(tmp_path, vendor).token() == "access-1"
    assert vendor.asked == ["env-token-1"]


def test_a_torn_answer_is_asked_for_again(tmp_path: Path) -> None:
    vendor = Vendor()
    credentials(tmp_path, vendor).token()
    (tmp_path / f"{NAME}.new").write_text('{"refresh_token": "half-of-')

    later = credentials(tmp_path, vendor, now=NOW + timedelta(hours=2))

    assert later.token() == "access-2"
    assert not (tmp_path / f"{NAME}.new").exists()


def test_an_answer_that_was_lost_for_good_is_told_with_its_moment(tmp_path: Path) -> None:
    vendor = Vendor()
    vendor.is_cut_off = True
    for hours in (0, 3):
        with suppress(CutOff, NotAuthorised):
            credentials(tmp_path, vendor, now=NOW + timedelta(hours=hours)).token()

    with pytest.raises(GrantEnded, match=r"2026-05-05 00:00 UTC.*within 24 hours") as raised:
        credentials(tmp_path, vendor, now=NOW + timedelta(hours=30)).token()
    assert "env-token-1" not in str(raised.value)


def test_a_refusal_leaves_no_note_of_an_answer(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(GrantEnded) as raised:
            credentials(tmp_path, Vendor(valid="another")).token()
        assert "cut off" not in str(raised.value)


def test_a_chain_begun_anew_knows_nothing_of_what_the_last_one_lost(tmp_path: Path) -> None:
    vendor = Vendor()
    vendor.is_cut_off = True
    with suppress(CutOff):
        credentials(tmp_path, vendor).token()

    with pytest.raises(GrantEnded) as raised:
        credentials(tmp_path, vendor, refresh_token="env-token-2").token()
    assert "cut off" not in str(raised.value)


def test_a_vendor_that_falls_back_is_asked_with_what_it_gave_before(tmp_path: Path) -> None:
    vendor = Vendor()
    credentials(tmp_path, vendor).token()
    credentials(tmp_path, vendor, now=NOW + timedelta(hours=2)).token()
    vendor.valid = "rotated-1"

    assert credentials(tmp_path, vendor, now=NOW + timedelta(hours=4)).token() == "access-4"
    assert vendor.asked[-2:] == ["rotated-2", "rotated-1"]


def test_a_wrong_client_secret_is_not_tried_with_every_token(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(401, json={"error": "invalid_client"})

    TokenStore(tmp_path).write(
        NAME, Tokens(refresh_token="new", previous_refresh_token="old"), start="env-token-1"
    )
    with pytest.raises(NotAuthorised, match="QBO_CLIENT_SECRET"):
        credentials(tmp_path, refuse).token()
    assert len(asked) == 1


def test_tokens_that_cannot_be_kept_are_not_used(tmp_path: Path) -> None:
    vendor = Vendor()

    def spoil(request: httpx.Request) -> httpx.Response:
        (tmp_path / f"{NAME}.json").mkdir()
        return vendor(request)

    spoilt = credentials(tmp_path, spoil)
    with pytest.raises(StorageError, match="run again soon"):
        spoilt.token()
    assert "access-1" not in spoilt.secrets()
