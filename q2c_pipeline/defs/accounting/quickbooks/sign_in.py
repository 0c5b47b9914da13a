"""Holds the grant of one realm: its access token, refreshed by one at a time, never lost.

Belongs here: the token endpoint and when it is asked. Does not belong here: where tokens are kept,
which is ``core/tokens.py``, and any request to the books.

QuickBooks changes the refresh token's value about once a day, and takes the value before it for
about a day longer. So an answer that is lost on its way to the disk, with the run or the network,
is made up for by any refresh within a day: the value on disk is the one before, and the vendor
answers it with the newest. ``upkeep.py`` sees to such a refresh every few hours. What comes later
than that nothing can mend, for only the lost answer held the new value; the error then says when
the answer was lost, and that a person must authorise again.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from q2c_pipeline.core.errors import GrantEnded
from q2c_pipeline.core.http import ApiClient
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.tokens import Tokens, TokenStore
from q2c_pipeline.defs.accounting.quickbooks.faults import read_fault
from q2c_pipeline.defs.accounting.quickbooks.objects import SYSTEM

EXPIRY_MARGIN = timedelta(minutes=5)
GRACE_HOURS = 24
"""So long after its successor was handed out the vendor takes a refresh token; about."""


class _TokenAnswer(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int = 3600


@dataclass(frozen=True, kw_only=True)
class QuickBooksAccess:
    """One realm's address and grant, as the environment gives them."""

    base_url: str
    token_url: str
    realm: str
    client_id: str
    client_secret: str
    refresh_token: str


class QuickBooksCredentials:
    """The realm's access token, refreshed by one at a time and kept before it is used."""

    def __init__(
        self,
        access: QuickBooksAccess,
        store: TokenStore,
        *,
        now: Callable[[], datetime],
        retry: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._access = access
        self._store = store
        self._name = f"{SYSTEM}-{access.realm}"
        self._now = now
        self._tokens: Tokens | None = None
        self._renewing = threading.Lock()
        self._endpoint = ApiClient(
            vendor=f"QuickBooks sign-in for realm {access.realm}",
            base_url=str(httpx.URL(access.token_url).join("/")),
            read_fault=read_fault,
            secrets=(access.client_secret, access.refresh_token),
            retry=retry,
            transport=transport,
        )

    @property
    def calls(self) -> int:
        return self._endpoint.calls

    def close(self) -> None:
        self._endpoint.close()

    def secrets(self) -> tuple[str, ...]:
        current = self._tokens
        known = (current.access_token, current.refresh_token) if current else ()
        return tuple(
            secret
            for secret in (self._access.client_secret, self._access.refresh_token, *known)
            if secret
        )

    def token(self) -> str:
        with self._renewing:
            if self._tokens is None:
                self._tokens = self._stored()
            if self._tokens.access_token is None or not self._is_fresh(self._tokens):
                return self._refresh(self._tokens.access_token)
            return self._tokens.access_token

    def renew(self, refused: str) -> str:
        with self._renewing:
            current = self._tokens.access_token if self._tokens else None
            if current is not None and current != refused:
                return current
            return self._refresh(refused)

    def _is_fresh(self, tokens: Tokens) -> bool:
        return tokens.expires_at is not None and self._now() < tokens.expires_at - EXPIRY_MARGIN

    def _stored(self) -> Tokens:
        return self._store.read(self._name, start=self._access.refresh_token)

    def _refresh(self, refused: str | None) -> str:
        with self._store.lock(self._name):
            stored = self._stored()
            self._tokens = stored
            current = stored.access_token
            if current is not None and current != refused and self._is_fresh(stored):
                return current
            start = self._access.refresh_token
            with self._store.asking(self._name, start=start, at=self._now()) as missing_since:
                used, answer = self._answered(stored, missing_since)
                # The beginning of the chain is known from the environment and kept there alone.
                is_outlived = used not in (answer.refresh_token, start)
                tokens = Tokens(
                    refresh_token=answer.refresh_token,
                    access_token=answer.access_token,
                    expires_at=self._now() + timedelta(seconds=answer.expires_in),
                    previous_refresh_token=used if is_outlived else stored.previous_refresh_token,
                )
                self._store.write(self._name, tokens, start=start)
            self._tokens = tokens
            return answer.access_token

    def _answered(self, stored: Tokens, missing_since: datetime | None) -> tuple[str, _TokenAnswer]:
        """The first refresh token that the vendor takes, and its answer."""
        refusals: dict[str, GrantEnded] = {}
        for refresh_token in self._candidates(stored):
            if refresh_token is None or refresh_token in refusals:
                continue
            try:
                return refresh_token, self._ask(refresh_token)
            except GrantEnded as error:
                refusals[refresh_token] = error
        message = str(refusals[stored.refresh_token])
        if missing_since is not None:
            message += (
                ". A run that was cut off had asked for a token at"
                f" {missing_since.astimezone(UTC):%Y-%m-%d %H:%M} UTC and could not keep the"
                f" answer; run again within {GRACE_HOURS} hours after such an end, or leave q2c dev"
                " running, and the connection lives on"
            )
        raise GrantEnded(message)

    def _candidates(self, stored: Tokens) -> Iterator[str | None]:
        """The newest, then what was the newest once; a refused one leaves nothing to lose.

        The store may have been restored from a backup or be written by a machine that does not see
        our lock, and the vendor may fall back to a value that it gave before.
        """
        yield stored.refresh_token
        yield self._stored().refresh_token
        yield stored.previous_refresh_token
        yield self._access.refresh_token

    def _ask(self, refresh_token: str) -> _TokenAnswer:
        return self._endpoint.post_form(
            httpx.URL(self._access.token_url).path,
            {"grant_type": "refresh_token", "refresh_token": refresh_token},
            asked="a new access token",
            answer=_TokenAnswer,
            auth=(self._access.client_id, self._access.client_secret),
        )
